import { createHash } from 'node:crypto';
import type { List } from './list.ts';
import type { ListState } from './plan.ts';

/** What a reading came to. */
export interface Snapshot {
  /** Of things by kind, as far as they are known. */
  readonly counts: Readonly<Record<string, number>>;
  /** SHA-256, in hexadecimal, of the lines `kind id` of all of them, sorted by bytes. */
  readonly digest: string;
  readonly complete: boolean;
  /** What was not read whole: `spend_limit: forbidden`, each once. */
  readonly missing: readonly string[];
  /** Lists that were read, and requests that this took. */
  readonly lists: number;
  readonly requests: number;
}

/**
 * `references` are `kind id`; `all` are the lists as they were read last, `read` those of them that the reading read.
 * Archived projects and what is not set are whole.
 */
export function snapshotOf(
  references: readonly string[],
  all: readonly (readonly [List, ListState])[],
  read: readonly (readonly [List, ListState])[],
): Snapshot {
  const counts: Record<string, number> = {};
  for (const reference of references) {
    const kind = reference.slice(0, reference.indexOf(' '));
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  const missing = all.flatMap(([{ kind }, state]) => {
    const why = doubtOf(state);
    return why === undefined ? [] : [`${kind.name}: ${why}`];
  });
  return {
    counts,
    digest: digestOf(references),
    complete: missing.length === 0,
    missing: [...new Set(missing)].toSorted(),
    lists: read.length,
    requests: read.reduce((sum, [, { requests }]) => sum + requests, 0),
  };
}

/** Why a list does not say what there is. What is missing for the first time may be there, and is still known. */
function doubtOf({ state, why, missing }: ListState): string | undefined {
  if (state === 'complete') return Object.keys(missing).length > 0 ? 'unconfirmed' : undefined;
  return why === 'archived' ? undefined : (why ?? state);
}

function digestOf(references: readonly string[]): string {
  const hash = createHash('sha256');
  const lines = references.map(reference => Buffer.from(`${reference}\n`)).toSorted(Buffer.compare);
  for (const line of lines) hash.update(line);
  return hash.digest('hex');
}
