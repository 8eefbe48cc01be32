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
  api: ['backoff.ts', 'clock.ts', 'errors.ts'],
  receiver: ['errors.ts', 'api/audit-log.ts'],
  processor: ['record.ts'],
  exporter: ['backoff.ts', 'clock.ts', 'errors.ts', 'record.ts', 'config/config.ts'],
  config: ['errors.ts', 'suggest.ts'],
  // The way of the data knows contracts, not who fulfils them.
  pipeline: [
    'backoff.ts',
    'clock.ts',
    'errors.ts',
    'log.ts',
    'api/api-time.ts',
    'api/audit-log.ts',
    'config/config.ts',
    'coverage/',
    'exporter/delivery-event.ts',
    'exporter/exporter.ts',
    'processor/processor.ts',
    'record.ts',
    'receiver/receiver.ts',
    'storage/storage.ts',
  ],
  // Its catalogue of events is its own: sharing one with the processor, a mistake would agree with itself.
  emulator: ['clock.ts'],
  demo: ['commands/command.ts'],
};

/** Who may import these packages: a move to another one stays in its folder. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@opentelemetry/': 'exporter/',
  undici: 'api/',
  'node:sqlite': 'storage/',
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

  it.each(Object.entries(PACKAGES))('keeps %s in %s', (name, folder) => {
    const users = modules.filter(({ imports }) =>
      imports.some(imported => (name.endsWith('/') ? imported.startsWith(name) : imported === name)),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(users.map(({ file }) => file).filter(file => !file.startsWith(folder))).toEqual([]);
  });

  it('lets only commands and what they share import the service, and only the command line load commands', () => {
    const importing = (target: RegExp) =>
      modules.filter(({ imports }) => imports.some(imported => target.test(imported))).map(({ file }) => file);
    const others = importing(/^service\.ts$/).filter(file => folderOf(file) !== 'commands');
    expect(others.toSorted()).toEqual(['answer.ts', 'ports.ts']);
    expect(importing(/^commands\/(?!command\.ts)/).toSorted()).toEqual(['cli.ts']);
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
