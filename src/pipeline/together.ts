/**
 * Runs tasks side by side. When one fails, the others are told to stop; it settles only when all have ended, with the
 * results in order or the first failure.
 */
export async function together<T>(
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal,
): Promise<readonly T[]> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const results = await Promise.allSettled(
    tasks.map(task =>
      task(stop).catch(error => {
        if (!failure.signal.aborted) failure.abort(error);
        throw error;
      }),
    ),
  );
  if (failure.signal.aborted) throw failure.signal.reason;
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}
