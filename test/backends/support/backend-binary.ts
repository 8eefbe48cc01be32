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
  /** What build.sh calls it, and the binary that it makes; absent where it is only taken as it is installed. */
  readonly build?: { readonly target: string; readonly built: string };
}

export const OTELCOL: Backend = {
  variable: 'OTELCOL_BIN',
  names: ['otelcol', 'otelcol-contrib'],
  build: { target: 'collector', built: 'otelcol' },
};

export const LOKI: Backend = {
  variable: 'LOKI_BIN',
  names: ['loki'],
  build: { target: 'loki', built: 'loki' },
};

/** Debian's package of that name has it. */
export const PROMETHEUS: Backend = { variable: 'PROMETHEUS_BIN', names: ['prometheus'] };

/** What docs/backends/files.md reads files with; Debian's package of that name has it. */
export const JQ: Backend = { variable: 'JQ_BIN', names: ['jq'] };

/** The library of Docker Compose, which needs no Docker to read a file. */
export const COMPOSE: Backend = {
  variable: 'COMPOSE_CONFIG_BIN',
  names: ['compose-config'],
  build: { target: 'compose', built: 'compose-config' },
};

/**
 * The path of a real backend's binary: the one named by its variable, else on PATH, else built here with Go (minutes,
 * once) where that can be. Undefined, with one line that says so, when there is none; an error where CI or BACKENDS_REQUIRED says that a
 * skipped test is a failed one.
 */
export async function findBackend(backend: Backend): Promise<string | undefined> {
  const named = process.env[backend.variable];
  if (named !== undefined && named !== '') return named;
  const installed = await onPath(backend.names);
  if (installed !== undefined) return installed;
  if (backend.build !== undefined && (await onPath(['go'])) !== undefined) return build(backend.build);

  const or = backend.build === undefined ? '' : ', or install Go to have it built';
  const lack = `no ${backend.names[0]}: set ${backend.variable}, or put it on PATH${or}`;
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

async function build({ target, built }: NonNullable<Backend['build']>): Promise<string> {
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
