import type { HttpClient } from '../api/http.ts';
import type { Clock } from '../clock.ts';
import type { ListenOn } from '../config/config.ts';
import type { DatabaseFiles } from '../enrichment/geoip.ts';

/** What the checks look at besides the configuration. */
export interface World {
  readonly clock: Clock;
  /** Of this program. */
  readonly version: string;
  /** Such as `26.1.0`. */
  readonly nodeVersion: string;
  /** An address of a host; rejects when it has none. */
  readonly lookup: (host: string) => Promise<string>;
  /** Bytes that this user may still write to the disk of a directory. */
  readonly freeBytes: (directory: string) => Promise<number>;
  /** Rejects when nothing can listen there now. */
  readonly listen: (on: ListenOn) => Promise<void>;
  readonly files: DatabaseFiles;
  readonly http: HttpClient;
}
