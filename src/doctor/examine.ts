import type { Clock } from '../clock.ts';
import { CollectorError, ExitError } from '../errors.ts';
import { type Check, type Finding, fail, type Result, skipped } from './check.ts';

/** All of it takes no longer. */
const MOST_MS = 7000;

/** Runs all checks side by side, each when what it needs is known; resolves to their findings, in the order of the table. */
export async function examine(
  checks: readonly Check[],
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const deadline = new AbortController();
  const ended = new AbortController();
  const timer = clock.sleep(MOST_MS, ended.signal).then(
    () => deadline.abort(new Error(`no answer within ${MOST_MS / 1000} s`)),
    () => undefined,
  );
  const results = new Map<string, Promise<Result>>();
  const until = AbortSignal.any([signal, deadline.signal]);
  for (const check of checks)
    results.set(
      check.id,
      Promise.resolve().then(() => judged(check, checks, results, until)),
    );
  try {
    return await Promise.all(
      checks.map(async ({ group, id, claim }) => ({ group, id, claim, result: await resultOf(id, results) })),
    );
  } finally {
    ended.abort();
    await timer;
    signal.throwIfAborted();
  }
}

type Results = ReadonlyMap<string, Promise<Result>>;

function resultOf(id: string, results: Results): Promise<Result> {
  return results.get(id) ?? Promise.reject(new RangeError(`there is no check ${id}`));
}

async function judged(check: Check, checks: readonly Check[], results: Results, signal: AbortSignal): Promise<Result> {
  for (const id of check.needs ?? []) {
    const needed = await resultOf(id, results);
    if (needed.mark === 'skipped') return needed;
    if (needed.mark === 'fail') return skipped(waitsFor(checks.find(each => each.id === id)));
  }
  await Promise.all((check.after ?? []).map(id => resultOf(id, results)));
  try {
    signal.throwIfAborted();
    return await Promise.race([check.run(signal), aborted(signal)]);
  } catch (error) {
    return failed(error);
  }
}

function waitsFor(check: Check | undefined): string {
  return `waits for: ${check?.group}, ${check?.claim}`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function failed(error: unknown): Result {
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof ExitError || error instanceof CollectorError ? error.code : undefined;
  return fail(known ?? 'not-read', message);
}
