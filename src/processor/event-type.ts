import { EVENT_TYPES, INFO, type KnownType } from './event-types.ts';
import { type Condition, impliedSeverity } from './severity.ts';
import { compileTemplate, type Template } from './template.ts';

/** What an event's type tells, whether anybody knows the type or not. */
export interface EventType {
  /** Lower case, dotted, at most 240 characters; `unknown` for an event without a type. */
  readonly name: string;
  /** First and last part of the name; undefined for an event without a type. */
  readonly category: string | undefined;
  readonly action: string | undefined;
  readonly outcome: 'success' | 'failure' | undefined;
  readonly readOnly: boolean | undefined;
  /** Kind of what was acted upon. */
  readonly target: string | undefined;
  readonly targets: KnownType['targets'];
  /** The summary's predicate, in the notation of {@link KnownType}. */
  readonly says: Template;
  readonly severity: number;
  readonly warnsWhen: Condition | 'any' | undefined;
}

export function eventType(type: string | undefined): EventType {
  if (type === undefined) return UNTYPED;
  const known = KNOWN.get(type);
  if (known !== undefined) return known;
  const name = sanitized(type);
  return name === undefined ? UNTYPED : unknownType(name);
}

const KNOWN: ReadonlyMap<string, EventType> = new Map(
  Object.entries(EVENT_TYPES).map(([type, known]) => [type, knownType(type, known)]),
);

const UNTYPED: EventType = {
  name: 'unknown',
  category: undefined,
  action: undefined,
  outcome: undefined,
  readOnly: undefined,
  target: undefined,
  targets: undefined,
  says: compileTemplate('caused an event without a type'),
  severity: INFO,
  warnsWhen: 'any',
};

function knownType(name: string, { target, targets, says, severity, warnsWhen, readOnly }: KnownType): EventType {
  return { ...named(name), readOnly, target, targets, says: compileTemplate(says), severity, warnsWhen };
}

function unknownType(name: string): EventType {
  const { action, outcome, parts } = named(name);
  const target = impliedTarget(parts);
  const failed = outcome === 'failure';
  return {
    ...named(name),
    readOnly: failed || READS.test(action) || /^log(?:in|out)$/.test(parts[0]),
    target,
    targets: undefined,
    says: compileTemplate(impliedPredicate(name, action, target)),
    severity: impliedSeverity(name, action, failed),
    warnsWhen: 'any',
  };
}

function named(name: string) {
  const parts = name.split('.') as [string, ...string[]];
  const action = parts.at(-1) ?? name;
  const failed = action === 'failed' || action === 'denied';
  return { name, parts, category: parts[0], action, outcome: failed ? ('failure' as const) : ('success' as const) };
}

/** What looks and takes away a copy at most. */
const READS = /^(?:accessed|downloaded|exported|listed|looked_up|previewed|queried|read|retrieved|searched|viewed)$/;

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
  ['bound', 'bound'],
  ['looked_up', 'looked up'],
  ['read', 'read'],
  ['sent', 'sent'],
  ['set', 'set'],
  ['upserted', 'created or updated'],
]);

function impliedPredicate(name: string, action: string, target: string | undefined): string {
  if (target === undefined) return `caused ${name}`;
  if (action === 'failed' || action === 'denied') return 'failed at {noun}';
  if (action === 'succeeded') return 'succeeded at {noun}';
  if (action === 'updated') return 'updated {target}[, now with {changed}]';
  const verb = VERBS.get(action) ?? (/^[a-z_]+ed$/.test(action) ? action.replaceAll('_', ' ') : undefined);
  return verb === undefined ? `caused ${name}[ on {id}]` : `${verb} {target}`;
}
