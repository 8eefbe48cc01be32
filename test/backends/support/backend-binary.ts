import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../../support/process.ts';

const BUILD_SCRIPT = fileURLToPath(new URL('../build.sh', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../.cache/backends/', import.meta.url));

interface Backend {
  /** Environment variable that names a binary to use as it is. */
  readonly variable: string;
  /** What it may be called on PATH. */
  readonly names: readonly string[];
  /** What build.sh calls it, and the binary that it makes. */
  readonly target: string;
  readonly built: string;
}

export const OTELCOL: Backend = {
  variable: 'OTELCOL_BIN',
  names: ['otelcol', 'otelcol-contrib'],
  target: 'collector',
  built: 'otelcol',
};

/**
 * The path of a real backend's binary: the one named by its variable, else on PATH, else built here with Go (minutes,
 * once). Undefined, with one line that says so, when there is none; an error where CI or BACKENDS_REQUIRED says that a
 * skipped test is a failed one.
 */
export async function findBackend(backend: Backend): Promise<string | undefined> {
  const named = process.env[backend.variable];
  if (named !== undefined && named !== '') return named;
  const installed = await onPath(backend.names);
  if (installed !== undefined) return installed;
  if ((await onPath(['go'])) !== undefined) return build(backend);

  const lack = `no ${backend.names[0]}: set ${backend.variable}, put it on PATH, or install Go to have it built`;
  if (isSet(process.env.CI) || isSet(process.env.BACKENDS_REQUIRED)) throw new Error(lack);
  process.stderr.write(`skipped, ${lack}\n`);
  return undefined;
}

async function onPath(names: readonly string[]): Promise<string | undefined> {
  const directories = (process.env.PATH ?? '').split(delimiter).filter(directory => directory !== '');
  for (const path of names.flatMap(name => directories.map(directory => join(directory, name)))) {
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function build({ target, built }: Backend): Promise<string> {
  const script = await startProcess(BUILD_SCRIPT, [target], { env: goVariables() });
  const { code } = await script.exited;
  if (code !== 0) throw new Error(`building ${built} failed:\n${script.stderr()}`);
  return join(CACHE, built);
}

/** Where Go keeps its caches and finds its modules is the machine's affair. */
function goVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && /^(GO|XDG_|https?_proxy$|no_proxy$)/i.test(name) ? [[name, value]] : [],
    ),
  );
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}
