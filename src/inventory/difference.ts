import { changedPaths } from './changed-paths.ts';
import type { Kind } from './kind.ts';
import type { Path } from './path.ts';
import { idText, type Thing } from './thing.ts';

/** A thing as it was written down last. */
export interface Known {
  readonly thing: Thing;
  readonly firstSeenMs: number;
  readonly reportedMs: number;
}

/** What a reading of a list says of one thing. */
export interface Finding {
  /** `state`: nothing that is worth an alert, but it is to be said how it is. */
  readonly change: 'state' | 'added' | 'changed' | 'removed';
  readonly thing: Thing;
  readonly firstSeenMs: number;
  /** With `changed` and `removed`. */
  readonly before?: Thing;
  /** With `changed`. */
  readonly paths?: readonly Path[];
}

export interface ComparisonOptions {
  readonly nowMs: number;
  /** Whether what was not known is news, or only seen for the first time. */
  readonly isNews: boolean;
  /** What was written down before is to be said again, changed or not. */
  readonly stateBeforeMs: number;
}

export interface Comparison {
  readonly findings: readonly Finding[];
  /** Known and not found. */
  readonly missing: readonly Known[];
}

/** Compares what a list shows with what was written down of it. */
export function compare(
  kind: Kind,
  known: readonly Known[],
  found: readonly Thing[],
  options: ComparisonOptions,
): Comparison {
  const before = new Map(known.map(each => [idText(each.thing.id), each]));
  const findings = found.flatMap(thing => findingOf(kind, before.get(idText(thing.id)), thing, options) ?? []);
  const there = new Set(found.map(({ id }) => idText(id)));
  return { findings, missing: known.filter(({ thing }) => !there.has(idText(thing.id))) };
}

/** What is to be said when a thing is no longer there. */
export function removal({ thing, firstSeenMs }: Known): Finding {
  return { change: 'removed', thing, before: thing, firstSeenMs };
}

function findingOf(
  kind: Kind,
  known: Known | undefined,
  thing: Thing,
  { nowMs, isNews, stateBeforeMs }: ComparisonOptions,
): Finding | undefined {
  if (known === undefined) return { change: isNews ? 'added' : 'state', thing, firstSeenMs: nowMs };
  const { firstSeenMs, reportedMs } = known;
  const { news, rest } = changedPaths(kind, known.thing.description, thing.description);
  if (news.length > 0) return { change: 'changed', thing, firstSeenMs, before: known.thing, paths: news };
  const isOld = reportedMs < stateBeforeMs || reportedMs > nowMs;
  return rest.length > 0 || isOld ? { change: 'state', thing, firstSeenMs } : undefined;
}
