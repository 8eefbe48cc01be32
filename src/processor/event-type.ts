import { EVENT_TYPES, INFO, type KnownType, WARN } from './event-types.ts';

/** What an event's type tells, whether anybody knows the type or not. */
export interface EventType {
  /** Lower case, dotted, at most 240 characters; `unknown` for an event without a type. */
  readonly name: string;
  /** First and last part of the name; undefined for an event without a type. */
  readonly category: string | undefined;
  readonly action: string | undefined;
  readonly outcome: 'success' | 'failure' | undefined;
  /** Kind of what was acted upon. */
  readonly target: string | undefined;
  /** Property of the payload that lists several targets. */
  readonly list: string | undefined;
  /** Template of the summary's predicate, in the notation of {@link KnownType}. */
  readonly says: string;
  readonly severity: number;
}

export function eventType(type: string | undefined): EventType {
  const name = type === undefined ? undefined : sanitized(type);
  if (type === undefined || name === undefined) return UNTYPED;
  const known: KnownType = Object.hasOwn(EVENT_TYPES, type) ? (EVENT_TYPES[type] ?? {}) : {};
  const parts = name.split('.');
  const action = parts.at(-1) ?? name;
  const failed = action === 'failed';
  const target = known.target === undefined ? impliedTarget(parts) : (known.target ?? undefined);
  return {
    name,
    category: parts[0],
    action,
    outcome: failed ? 'failure' : 'success',
    target,
    list: known.list,
    says: known.says ?? impliedPredicate(name, action, target),
    severity: known.severity ?? (failed ? WARN : INFO),
  };
}

const UNTYPED: EventType = {
  name: 'unknown',
  category: undefined,
  action: undefined,
  outcome: undefined,
  target: undefined,
  list: undefined,
  says: 'caused an event without a type',
  severity: INFO,
};

/** OTLP recommends at most 256 characters for an event name; ours adds a prefix. */
const MAX_NAME_LENGTH = 240;
const SANE = /^[a-z0-9_]+(?:\.[a-z0-9_]+)*$/;

function sanitized(type: string): string | undefined {
  const name = type.slice(0, MAX_NAME_LENGTH);
  if (SANE.test(name)) return name;
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '_')
    .slice(0, MAX_NAME_LENGTH);
  const parts = words.split('.').map(part => part.replace(/^_|_$/g, ''));
  return parts.filter(part => part !== '').join('.') || undefined;
}

function impliedTarget(parts: readonly string[]): string | undefined {
  const subject = parts.slice(parts[0] === 'tenant' ? 1 : 0, -1);
  return subject.length === 0 ? undefined : subject.join('_');
}

/** Last parts that are not the verb of a sentence as they stand. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ['looked_up', 'looked up'],
  ['upserted', 'created or updated'],
  ['sent', 'sent'],
]);

function impliedPredicate(name: string, action: string, target: string | undefined): string {
  if (target === undefined) return `caused ${name}`;
  if (action === 'failed' || action === 'succeeded') return `${action} at {noun}`;
  if (action === 'updated') return 'updated [{changed} of ]{target}';
  const verb = VERBS.get(action) ?? (/^[a-z_]+ed$/.test(action) ? action.replaceAll('_', ' ') : undefined);
  return verb === undefined ? `caused ${name}[ on {id}]` : `${verb} {target}`;
}
