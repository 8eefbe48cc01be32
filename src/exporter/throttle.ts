/** A Collector hands its backend's Retry-After on in words only: `Throttle (17s), error: ...`. */
export function throttleMs(text: string): number | undefined {
  const found = /Throttle \((?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?\)/.exec(text);
  if (found === null) return undefined;
  const [hours, minutes, seconds] = [found[1], found[2], found[3]].map(part => Number(part ?? 0));
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
