const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** Seconds as a person says them, in two units at most: `3 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, unit]) => whole >= unit);
  if (first === -1) return '0 s';
  const [largest, next] = UNITS.slice(first);
  if (largest === undefined) return '0 s';
  const count = Math.floor(whole / largest[1]);
  const rest = next === undefined ? 0 : Math.floor((whole % largest[1]) / next[1]);
  return `${count} ${largest[0]}${next === undefined || rest === 0 ? '' : ` ${rest} ${next[0]}`}`;
}

/** Unix milliseconds, in UTC. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function since(ms: number, nowMs: number): string {
  return `${duration((nowMs - ms) / 1000)} ago`;
}

export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
