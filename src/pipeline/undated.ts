import { CollectorError } from '../errors.ts';

/** Coverage goes by the API's own time: without it what was read is delivered, and counts for nothing. */
export function undated(kind: 'retryable' | 'misconfigured'): CollectorError {
  const message = 'the answers of the API have no Date, and without it nothing counts as complete';
  return new CollectorError(kind, message, { code: 'api-no-date' });
}
