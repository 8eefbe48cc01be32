import { jsonText } from '../json-text.ts';
import type { LogRecord, Value } from '../record.ts';
import { readActor } from './actor.ts';
import { ATTRIBUTE } from './attribute-names.ts';
import type { EventContext } from './context.ts';
import { eventType } from './event-type.ts';
import { GONE, HiddenValues, protect } from './hidden-values.ts';
import { at, isMap, textAt } from './json.ts';
import { payloadOf } from './payload.ts';
import { NAMES, type Privacy, type PrivacyRule, RULED, ruleOfName, rulesOf } from './privacy-rules.ts';
import type { ObservedEvent, Processor } from './processor.ts';
import { targetOf } from './target.ts';

/**
 * The same mapping of events from which the values of some attributes were taken or replaced first, wherever they
 * stand: so no attribute, sentence, detail or Body that is made of them can tell them. Severity stays what the event
 * deserves. Pure and total, like the mapping.
 */
export function withPrivacy(map: Processor, { rules, key = '' }: Privacy = NO_RULES): Processor {
  const policy = createPolicy(rules, key);
  if (policy.rules.size === 0) return map;
  return observed => {
    const plain = map(observed);
    const mask = new Mask(policy, hiddenValues(policy, observed, plain), payloadName(observed.event as Value));
    const event = mask.event(observed.event as Value);
    const { context, ...rest } = observed;
    const record = map({ ...rest, event, ...(context === undefined ? {} : { context: mask.context(context) }) });
    return { ...record, severityNumber: plain.severityNumber, attributes: ruled(policy, record, plain) };
  };
}

const NO_RULES: Privacy = { rules: {}, key: undefined };

interface Policy {
  readonly key: string;
  /** By attribute. */
  readonly rules: ReadonlyMap<string, PrivacyRule>;
  /** By place: a path in the event or its context, or the name that a detail has as attribute. */
  readonly places: ReadonlyMap<string, PrivacyRule>;
}

/** Begins the places of what is known besides the event. */
const CONTEXT = 'context';

function createPolicy(configured: Privacy['rules'], key: string): Policy {
  const rules = rulesOf(configured);
  const places = new Map<string, PrivacyRule>();
  for (const [name, rule] of rules) {
    const { paths = [name], geo } = RULED[name] ?? {};
    for (const place of paths) places.set(place, rule);
    if (geo !== undefined) places.set(`${CONTEXT}.geo.${geo}`, rule);
  }
  for (const of of NAMES) {
    const rule = ruleOfName(rules, of);
    if (rule !== undefined) places.set(`${CONTEXT}.names.${of}`, rule);
  }
  const isActive = Array.from(rules.values()).some(rule => rule !== 'keep');
  return { key, rules: isActive ? rules : new Map(), places };
}

/** What the ruled attributes hold of this event, as a text each. */
function hiddenValues(policy: Policy, { event }: ObservedEvent, plain: LogRecord): HiddenValues {
  const values = new HiddenValues(policy.key);
  for (const [name, rule] of policy.rules) {
    for (const value of scalarsIn(plain.attributes[name])) values.add(value, rule, isTold(name, value));
    if (name === ATTRIBUTE.targetId) for (const id of targetIds(event)) values.add(id, rule);
  }
  const payload = payloadName(event as Value);
  collect(event as Value, '', 'keep', 0);
  return values;

  function collect(value: Value, place: string, inherited: PrivacyRule, depth: number): void {
    const rule = policy.places.get(place) ?? inherited;
    if (typeof value !== 'object' || value === null) {
      for (const text of rule === 'keep' ? [] : scalarsIn(value)) values.add(text, rule, isTold(place, text));
    } else if (depth === DEEPEST) {
      return;
    } else if (isMap(value)) {
      for (const name of Object.keys(value)) collect(value[name] ?? null, below(place, name, payload), rule, depth + 1);
    } else {
      for (const item of value as readonly Value[]) collect(item, place, rule, depth + 1);
    }
  }
}

/** A plain word of the payload, such as `user` or `owner`, stands in many texts that tell nothing of it. */
function isTold(place: string, value: string): boolean {
  return !(place.startsWith(ATTRIBUTE.details) && /^[a-z_]+$/.test(value));
}

/** The attribute joins them, and may not hold all. */
function targetIds(event: unknown): readonly string[] {
  const type = eventType(textAt(event, 'type'));
  return targetOf(type, payloadOf(event as Value), readActor(at(event, 'actor')))?.ids ?? [];
}

/** The property that holds the payload. */
function payloadName(event: Value): string | undefined {
  const type = textAt(event, 'type');
  if (type === undefined || !isMap(event) || Object.hasOwn(event, type)) return type;
  const payload = payloadOf(event);
  return payload === undefined ? undefined : Object.keys(event).find(name => event[name] === payload);
}

/** Texts and numbers; nobody is told by true and false. */
function scalarsIn(value: Value | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(item => scalarsIn(item as Value));
  if (typeof value === 'string') return [value];
  return typeof value === 'number' || typeof value === 'bigint' ? [String(value)] : [];
}

/** Nothing known is nested as deep, and no recursion ends the process here. What is deeper is masked as JSON text. */
const DEEPEST = 200;

/** What tells of which kind an event is stays what it is: without it nothing else could be read. */
const STRUCTURE: ReadonlySet<string> = new Set([
  'id',
  'type',
  'object',
  'effective_at',
  'actor.type',
  'actor.api_key.type',
]);

/** The place of a member. What is in the payload is called as its attributes are. */
function below(place: string, name: string, payload: string | undefined): string {
  if (place !== '') return `${place}.${name}`;
  return name === payload ? ATTRIBUTE.details : name;
}

/** Takes hidden values out of one event. */
class Mask {
  readonly #policy: Policy;
  readonly #values: HiddenValues;
  readonly #payload: string | undefined;

  constructor(policy: Policy, values: HiddenValues, payload: string | undefined) {
    this.#policy = policy;
    this.#values = values;
    this.#payload = payload;
  }

  event(event: Value): Value {
    return this.#value(event, '', 'keep', 0) ?? {};
  }

  context(context: EventContext): EventContext {
    return (this.#value(context as Value, CONTEXT, 'keep', 0) ?? {}) as EventContext;
  }

  /** Undefined for what is gone. */
  #value(value: Value, place: string, inherited: PrivacyRule, depth: number): Value | undefined {
    if (STRUCTURE.has(place)) return value;
    const rule = this.#policy.places.get(place) ?? inherited;
    if (typeof value !== 'object') return this.#scalar(value, rule);
    if (value === null) return rule === 'drop' ? undefined : null;
    if (depth === DEEPEST) return this.#scalar(jsonText(value), rule);
    if (isMap(value)) return this.#map(value, place, rule, depth);
    const items = (value as readonly Value[]).map(item => this.#value(item, place, rule, depth + 1));
    const kept = items.filter(item => item !== undefined);
    return rule === 'drop' && kept.length === 0 ? undefined : kept;
  }

  #map(value: { readonly [key: string]: Value }, place: string, rule: PrivacyRule, depth: number): Value | undefined {
    const kept = new Map<string, Value>();
    for (const name of Object.keys(value)) {
      const member = this.#value(value[name] ?? null, below(place, name, this.#payload), rule, depth + 1);
      if (member !== undefined) kept.set(isWord(name) ? name : this.#freeName(name, kept), member);
    }
    if (rule === 'drop' && kept.size === 0) return undefined;
    return Object.fromEntries(kept);
  }

  /** Two names that hide the same must not hide each other. */
  #freeName(name: string, taken: ReadonlyMap<string, Value>): string {
    let free = this.#values.mask(name) ?? GONE;
    while (free !== name && taken.has(free)) free += '_';
    return free;
  }

  #scalar(value: Exclude<Value, object>, rule: PrivacyRule): Value | undefined {
    if (rule !== 'keep') return protect(rule, String(value), this.#policy.key);
    if (typeof value === 'string') return this.#values.mask(value);
    if (typeof value === 'boolean') return value;
    return this.#values.has(String(value)) ? this.#values.mask(String(value)) : value;
  }
}

/** Names of a schema are words; what is none may be a mail address or an id. */
function isWord(name: string): boolean {
  return /^[a-z_.]+$/i.test(name);
}

/** What a rule asks for of an attribute that was made of something else, the rule does here. */
function ruled(policy: Policy, record: LogRecord, plain: LogRecord): LogRecord['attributes'] {
  const entries = Object.entries(record.attributes).flatMap(([name, value]): [string, Value][] => {
    const rule = policy.rules.get(name) ?? 'keep';
    if (rule === 'drop') return [];
    if (rule === 'keep' || typeof value !== 'string' || value !== plain.attributes[name]) return [[name, value]];
    const safe = protect(rule, value, policy.key);
    return safe === undefined ? [] : [[name, safe]];
  });
  return Object.fromEntries(entries);
}
