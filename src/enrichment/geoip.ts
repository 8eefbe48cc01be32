import type { Clock } from '../clock.ts';
import { ExitError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Geo } from '../processor/context.ts';
import { type Database, parseDatabase } from './database.ts';
import { geoFacts } from './geo-facts.ts';

/** The files, as an argument. Both reject when a file is not there or cannot be read. */
export interface DatabaseFiles {
  /** A text that changes when the file does. */
  versionOf(path: string): Promise<string>;
  read(path: string): Promise<Buffer>;
}

/** How often files are looked at; their publishers change them daily at most. */
const LOOK_MS = 60_000;

interface Opened {
  readonly path: string;
  version: string;
  database: Database;
  /** The version that cannot be used, once that was said. */
  refused?: string | undefined;
}

/** Databases of addresses on this machine's disk. No lookup ever leaves it. */
export class GeoDatabases {
  readonly #opened: readonly Opened[];
  readonly #files: DatabaseFiles;

  private constructor(opened: readonly Opened[], files: DatabaseFiles) {
    this.#opened = opened;
    this.#files = files;
  }

  /** @throws ExitError usage that names the key and the file when one cannot be used. */
  static async open(paths: readonly string[], files: DatabaseFiles, log: Logger): Promise<GeoDatabases> {
    const opened = await openAll(paths, files);
    for (const each of opened) log.info('opened a database of addresses', said(each));
    return new GeoDatabases(opened, files);
  }

  /** What the databases say of an address: of each fact, what the first says that knows it. */
  lookUp(address: string): Geo | undefined {
    const facts = this.#opened.map(({ database }) => database.lookUp(address)).map(geoFacts);
    const merged = facts.reduce(completed, {});
    return Object.keys(merged).length === 0 ? undefined : merged;
  }

  /** Reads files again that have changed, until `signal` aborts. Where one cannot be used the old one stays, and it is said. */
  async follow(clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      for (const each of this.#opened) await this.#refresh(each, log);
    }
  }

  async #refresh(opened: Opened, log: Logger): Promise<void> {
    let version = 'absent';
    try {
      version = await this.#files.versionOf(opened.path);
      if (version === opened.version) opened.refused = undefined;
      if (version === opened.version || version === opened.refused) return;
      Object.assign(opened, await open(opened.path, this.#files));
      log.info('a database of addresses has changed and was read again', said(opened));
    } catch (error) {
      if (version === opened.refused) return;
      opened.refused = version;
      const reason = reasonOf(error);
      log.warn('a database of addresses has changed and cannot be used: the old one stays', {
        code: 'geoip-unusable',
        ...said(opened),
        reason,
      });
    }
  }
}

/** What else means nothing where the fact before it is another one. */
const DEPENDENT = [
  ['country', ['region', 'city', 'latitude', 'longitude']],
  ['asNumber', ['asOrganization', 'isp']],
  ['isAnonymous', ['anonymity']],
] as const satisfies readonly (readonly [keyof Geo, readonly (keyof Geo)[]])[];

/** Facts, and what another database adds to them without contradicting. */
function completed(known: Geo, more: Geo): Geo {
  const foreign: readonly string[] = DEPENDENT.flatMap(([fact, dependent]) => {
    const disagree = known[fact] !== undefined && more[fact] !== undefined && known[fact] !== more[fact];
    return disagree ? dependent : [];
  });
  return { ...Object.fromEntries(Object.entries(more).filter(([fact]) => !foreign.includes(fact))), ...known };
}

/** @throws ExitError usage that names the key and the file when one cannot be used. */
export async function openAll(paths: readonly string[], files: DatabaseFiles): Promise<readonly Opened[]> {
  return Promise.all(
    paths.map(async (path, index) => {
      try {
        return await open(path, files);
      } catch (error) {
        throw new ExitError(
          'geoip-unusable',
          `enrichment.geoip.databases[${index}]: ${path} cannot be used: ${reasonOf(error)}.`,
          error,
        );
      }
    }),
  );
}

async function open(path: string, files: DatabaseFiles): Promise<Opened> {
  // Its version first: what is written while it is read changes it again.
  const version = await files.versionOf(path);
  return { path, version, database: parseDatabase(await files.read(path)), refused: undefined };
}

function said({ path, database }: Opened) {
  return { file: path, type: database.type, built: database.builtAt.toISOString().slice(0, 10) };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? (REASONS[String(error.code)] ?? String(error.code)) : error.message;
}
