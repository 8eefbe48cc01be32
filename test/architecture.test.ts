import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

interface Module {
  /** Below src, such as `api/http.ts`. */
  readonly file: string;
  readonly text: string;
  /** Files of src, and names of packages. */
  readonly imports: readonly string[];
}

const modules: readonly Module[] = globSync('**/*.ts', { cwd: SRC }).map(file => {
  const text = readFileSync(join(SRC, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) =>
    specifier.startsWith('.') ? join(dirname(file), specifier) : specifier,
  );
  return { file, text, imports };
});

/** What each folder may import of src, besides itself. A trailing slash is a whole folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  coverage: [],
  storage: ['errors.ts', 'coverage/hours.ts', 'coverage/intervals.ts'],
  api: ['backoff.ts', 'clock.ts', 'errors.ts', 'exact-json.ts', 'json-text.ts', 'record.ts', 'retry-after.ts'],
  inventory: ['exact-json.ts', 'json-text.ts', 'record.ts', 'api/inventory.ts'],
  graph: ['json-text.ts', 'record.ts', 'inventory/'],
  receiver: ['errors.ts', 'api/audit-log.ts'],
  processor: ['json-text.ts', 'record.ts'],
  enrichment: ['clock.ts', 'errors.ts', 'log.ts', 'processor/'],
  exporter: [
    'backoff.ts',
    'clock.ts',
    'errors.ts',
    'json-text.ts',
    'record.ts',
    'retry-after.ts',
    'config/config.ts',
    'telemetry/metrics.ts',
  ],
  // Looks at those who do the work, who know nothing of it but two hooks.
  telemetry: [
    'clock.ts',
    'format.ts',
    'api/limiter.ts',
    'config/config.ts',
    'coverage/intervals.ts',
    'exporter/delivery-event.ts',
    'inventory/plan.ts',
    'pipeline/counted.ts',
    'pipeline/feed.ts',
    'pipeline/source.ts',
    'processor/attribute-names.ts',
    'progress/progress.ts',
    'progress/works.ts',
    'record.ts',
    'storage/storage.ts',
  ],
  extension: [
    'clock.ts',
    'errors.ts',
    'format.ts',
    'log.ts',
    'printable.ts',
    'wrapped.ts',
    'config/config.ts',
    'coverage/intervals.ts',
    'graph/',
    'progress/line.ts',
    'telemetry/',
  ],
  progress: ['clock.ts', 'format.ts', 'log.ts', 'printable.ts', 'commands/command.ts'],
  config: [
    'errors.ts',
    'suggest.ts',
    'inventory/families.ts',
    'processor/event-types.ts',
    'processor/privacy-rules.ts',
  ],
  // The way of the data knows contracts, not who fulfils them.
  pipeline: [
    'backoff.ts',
    'clock.ts',
    'errors.ts',
    'exact-json.ts',
    'log.ts',
    'api/api-time.ts',
    'api/audit-log.ts',
    'api/inventory.ts',
    'config/config.ts',
    'coverage/',
    'exporter/delivery-event.ts',
    'exporter/exporter.ts',
    'inventory/',
    'processor/processor.ts',
    'progress/progress.ts',
    'record.ts',
    'receiver/receiver.ts',
    'storage/inventory-storage.ts',
    'storage/storage.ts',
  ],
  // It looks at each part through that part's own eyes.
  doctor: [
    'clock.ts',
    'errors.ts',
    'log.ts',
    'problems.ts',
    'record.ts',
    'retry-after.ts',
    'wrapped.ts',
    'api/',
    'config/config.ts',
    'config/foreign-yaml.ts',
    'enrichment/geoip.ts',
    'exporter/',
    'inventory/',
    'storage/',
  ],
  // Reads the API as the collector does, and answers from what it reads: it knows no state and no backend.
  query: [
    'clock.ts',
    'errors.ts',
    'exact-json.ts',
    'json-text.ts',
    'record.ts',
    'suggest.ts',
    'wrapped.ts',
    'api/',
    'config/config.ts',
    'inventory/',
    'processor/',
    'progress/progress.ts',
    'receiver/',
  ],
  // Its catalogue of events is its own: sharing one with the processor, a mistake would agree with itself.
  emulator: ['clock.ts'],
  demo: ['commands/command.ts'],
};

/** Who may import these packages: a move to another one stays in its folder. */
const PACKAGES: Readonly<Record<string, string | readonly string[]>> = {
  '@opentelemetry/': 'exporter/',
  undici: 'api/',
  'mmdb-lib': 'enrichment/',
  'node:sqlite': ['storage/', 'query/'],
  convict: 'config/',
  yaml: 'config/',
};

/** Where time, chance and the process come from; everywhere else they are arguments. */
const OUTSIDE_WORLD = [/^clock\.ts$/, /^main\.ts$/, /^program\.ts$/, /^commands\//, /^demo\//];

const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

describe('the architecture', () => {
  it.each(Object.entries(MAY_IMPORT))('lets %s/ import only what it may know', (folder, allowed) => {
    const foreign = modules
      .filter(({ file }) => folderOf(file) === folder)
      .flatMap(({ file, imports }) => imports.filter(isOfSrc).map(imported => ({ file, imported })))
      .filter(({ imported }) => folderOf(imported) !== folder)
      .filter(
        ({ imported }) => !allowed.some(rule => (rule.endsWith('/') ? imported.startsWith(rule) : imported === rule)),
      );
    expect(foreign).toEqual([]);
  });

  it('has a rule for every folder', () => {
    const folders = new Set(modules.map(({ file }) => folderOf(file)).filter(folder => folder !== ''));
    expect([...folders].toSorted()).toEqual([...Object.keys(MAY_IMPORT), 'commands'].toSorted());
  });

  it.each(Object.entries(PACKAGES))('keeps %s in %s', (name, folders) => {
    const users = modules.filter(({ imports }) =>
      imports.some(imported => (name.endsWith('/') ? imported.startsWith(name) : imported === name)),
    );
    expect(users.length).toBeGreaterThan(0);
    const isForeign = (file: string) => ![folders].flat().some(folder => file.startsWith(folder));
    expect(users.map(({ file }) => file).filter(isForeign)).toEqual([]);
  });

  it('lets only commands and what they share import the service, and only the command line load commands', () => {
    const importing = (target: RegExp) =>
      modules.filter(({ imports }) => imports.some(imported => target.test(imported))).map(({ file }) => file);
    const others = importing(/^service\.ts$/).filter(file => folderOf(file) !== 'commands');
    expect(others.toSorted()).toEqual(['answer.ts', 'ports.ts']);
    expect(importing(/^commands\/(?!command\.ts|options\.ts)/).toSorted()).toEqual(['cli.ts']);
  });

  it('takes time, chance and the process as arguments', () => {
    const reaching = modules
      .filter(({ file }) => !OUTSIDE_WORLD.some(place => place.test(file)))
      .filter(({ text }) =>
        /\b(Date\.now|Math\.random|performance\.now|(?<!\.)setTimeout|setInterval)\b|\bprocess\./.test(text),
      )
      .map(({ file }) => file);
    expect(reaching).toEqual([]);
  });
});

function isOfSrc(imported: string): boolean {
  return imported.endsWith('.ts');
}
