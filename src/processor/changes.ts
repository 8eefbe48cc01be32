import { at, isMap, numberWithin } from './json.ts';
import { label, quotable } from './quotable.ts';
import { phrase } from './thing.ts';

/** Of more fields, it is told how many. */
const MOST_FIELDS = 5;
const LONGEST_EXPIRY_S = 1e11;

/** What was changed: some events say it in `data`. */
export function changesOf(payload: unknown): unknown {
  return at(payload, 'changes_requested') ?? at(payload, 'data');
}

/** Each changed field with what it is now: `title "Team A", max_requests_per_1_minute 500 and no description`. */
export function changedIn(payload: unknown): string | undefined {
  const changes = changesOf(payload);
  const all = isMap(changes) ? Object.entries(changes) : [];
  const told = all.slice(0, MOST_FIELDS).flatMap(([name, value]) => fieldPhrase(quotable(name), value) ?? []);
  if (all.length > MOST_FIELDS) told.push(`${all.length - MOST_FIELDS} more`);
  const last = told.pop();
  return told.length === 0 ? last : `${told.join(', ')} and ${last}`;
}

function fieldPhrase(name: string | undefined, value: unknown): string | undefined {
  if (name === undefined) return undefined;
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return `no ${name}`;
  const told = typeof value === 'string' ? label(value) : quotable(value);
  return told === undefined ? `other ${name}` : `${name} ${told}`;
}

/** An empty list restricts nothing: that is worth a word. */
export function scopesIn(payload: unknown): string | undefined {
  const scopes = at(changesOf(payload), 'scopes') ?? at(payload, 'scopes');
  if (!Array.isArray(scopes)) return undefined;
  return scopes.length === 0 ? 'no restriction of scopes' : phrase('scopes', quotable(scopes));
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `20 days`: exact, in one unit. */
export function expiryIn(payload: unknown): string | undefined {
  const seconds = numberWithin(at(changesOf(payload), 'expires_in_seconds'), 1, LONGEST_EXPIRY_S);
  if (seconds === undefined) return undefined;
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0) ?? ['second', 1];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
