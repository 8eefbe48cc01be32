import { ExitError } from '../errors.ts';
import type { Config } from './config.ts';
import type { LoadedConfig } from './load.ts';

export interface ReloadOptions {
  readonly readFile: (path: string) => Promise<string>;
  /** Resolves when it is time to look again; rejects when the signal aborts. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  /** @throws ExitError for what only shows in use, such as a key that is not the certificate's. */
  readonly check: (config: Config) => void;
  /** Hears why the new texts are not taken; once, until they change again. */
  readonly onRefused: (problem: ExitError) => void;
}

/**
 * Waits until a file that the configuration names holds another text, as that of a rotated key does, and the
 * configuration is valid with it. A file that is away, or half of a pair, is waited for. Rejects when the signal aborts.
 */
export async function untilReloaded(
  loaded: LoadedConfig,
  { readFile, pause, check, onRefused }: ReloadOptions,
  signal: AbortSignal,
): Promise<LoadedConfig> {
  let seen = loaded.files;
  for (;;) {
    await pause(signal);
    const texts = await textsOf(loaded.files.keys(), readFile);
    if (texts === undefined || sameTexts(texts, seen)) continue;
    seen = texts;
    if (sameTexts(texts, loaded.files)) continue;
    try {
      const next = await loaded.reload();
      check(next.config);
      return next;
    } catch (error) {
      if (!(error instanceof ExitError)) throw error;
      onRefused(error);
    }
  }
}

/** Undefined while one cannot be read: it is being replaced. */
async function textsOf(
  paths: Iterable<string>,
  readFile: (path: string) => Promise<string>,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return new Map(await Promise.all([...paths].map(async path => [path, await readFile(path)] as const)));
  } catch {
    return undefined;
  }
}

function sameTexts(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return [...one].every(([path, text]) => other.get(path) === text);
}
