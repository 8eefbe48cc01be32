/**
 * A Retry-After header, seconds or a date, as milliseconds from now. Undefined when it says nothing usable. A date is one
 * of the other side's clock, as `date`, the Date of the same answer: only where that is missing does `localMs` count.
 */
export function retryAfterMs(header: string | undefined, localMs: number, date?: string): number | undefined {
  const text = header?.trim() ?? '';
  const dateMs = Date.parse(date ?? '');
  const nowMs = Number.isFinite(dateMs) ? dateMs : localMs;
  const atMs = /^\d+(\.\d+)?$/.test(text) ? nowMs + Number(text) * 1000 : Date.parse(text);
  return Number.isFinite(atMs) ? Math.max(atMs - nowMs, 0) : undefined;
}
