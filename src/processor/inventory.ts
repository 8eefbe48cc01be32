import type { LogRecord, Value } from '../record.ts';
import { readActor } from './actor.ts';
import { ATTRIBUTE, RESOURCE } from './attribute-names.ts';
import { INFO } from './event-types.ts';
import { withInventoryPrivacy } from './inventory-privacy.ts';
import { at } from './json.ts';
import type { Privacy } from './privacy-rules.ts';
import type { InventoryProcessor, ObservedChange, ObservedThing } from './processor.ts';
import { quotable } from './quotable.ts';
import { nounOf } from './target-phrase.ts';
import { LimitedAttributes } from './within-limits.ts';

export interface InventoryRecordOptions {
  readonly organizations: readonly { readonly name: string; readonly id?: string | undefined }[];
  /** What the operator adds to every resource. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly privacy?: Privacy;
}

const SERVICE = 'openai-inventory';

/** Names of the attributes of records about the inventory; those of entity events are OpenTelemetry's. */
const NAME = {
  entityType: 'entity.type',
  entityId: 'entity.id',
  entityDescription: 'entity.description',
  entityRelationships: 'entity.relationships',
  entityReportInterval: 'entity.report.interval',
  kind: 'openai.inventory.kind',
  id: 'openai.inventory.id',
  name: 'openai.inventory.name',
  summary: 'openai.inventory.summary',
  paths: 'openai.inventory.change.paths',
  before: 'openai.inventory.before',
  after: 'openai.inventory.after',
  explainedBy: 'openai.inventory.explained_by',
  explainedByType: 'openai.inventory.explained_by.type',
  snapshot: 'openai.inventory.snapshot.id',
  truncated: 'openai.inventory.truncated',
} as const;

/** Makes log records of what is seen in the inventory. Their time is that of the observation. */
export function createInventoryProcessor(options: InventoryRecordOptions): InventoryProcessor {
  const ids = new Map(options.organizations.map(({ name, id }) => [name, id]));
  const map = (change: ObservedChange): readonly LogRecord[] => {
    const resource = resourceOf(change, ids.get(change.organization), options.resourceAttributes);
    return textsOf(change).map(({ eventName, uid, body, fill }) => {
      const attributes = new LimitedAttributes(NAME.truncated);
      attributes.add(ATTRIBUTE.uid, uid);
      attributes.add(ATTRIBUTE.eventName, eventName);
      fill(attributes, change);
      return {
        resource,
        timestamp: change.atMs / 1000,
        observedAtMs: change.atMs,
        eventName,
        severityNumber: INFO,
        ...(body === undefined ? {} : { body }),
        attributes: attributes.done(),
      };
    });
  };
  return withInventoryPrivacy(map, options.privacy);
}

interface Draft {
  readonly eventName: string;
  readonly uid: string;
  readonly body?: string;
  readonly fill: (attributes: LimitedAttributes, change: ObservedChange) => void;
}

/** An entity event where there is an entity, then the event of its change where that is news. */
function textsOf(change: ObservedChange): readonly Draft[] {
  const { organization, kind, id, atMs } = change;
  const about = `${organization}/${kind}/${id}/${atMs}`;
  const body = sentenceOf(change);
  if (change.change === 'snapshot') {
    return [{ eventName: 'openai.inventory.snapshot', uid: `snapshot/${organization}/${id}`, body, fill: addSnapshot }];
  }
  const isGone = change.change === 'removed';
  const eventName = isGone ? 'entity.delete' : 'entity.state';
  const entity = { eventName, uid: `${eventName}/${about}`, fill: isGone ? addIdentity : addState };
  if (change.change === 'state') return [entity];
  const news = { eventName: `openai.inventory.${kind}.${change.change}`, body, fill: addChange };
  return [entity, { ...news, uid: `inventory.${change.change}/${about}` }];
}

function addIdentity(attributes: LimitedAttributes, { kind, before, after }: ObservedChange): void {
  attributes.add(NAME.entityType, entityType(kind));
  attributes.add(NAME.entityId, (after ?? before)?.id);
}

function addState(attributes: LimitedAttributes, change: ObservedChange): void {
  const { after, facts, firstSeenMs, atMs } = change;
  addIdentity(attributes, change);
  attributes.add(NAME.entityReportInterval, facts.reportInterval);
  attributes.add(NAME.entityRelationships, after === undefined ? undefined : relationshipsOf(change.kind, after));
  attributes.add(NAME.entityDescription, {
    ...after?.description,
    firstseen: Math.floor(firstSeenMs / 1000),
    lastupdated: Math.floor(atMs / 1000),
  });
}

function addChange(attributes: LimitedAttributes, change: ObservedChange): void {
  const { kind, id, name, before, after, facts } = change;
  attributes.add(NAME.kind, kind);
  attributes.add(NAME.id, id);
  attributes.add(NAME.name, name);
  attributes.add(NAME.summary, sentenceOf(change));
  attributes.add(NAME.snapshot, facts.snapshot);
  addExplanation(attributes, facts.explainedBy);
  for (const [part, text] of Object.entries((after ?? before)?.id ?? {})) {
    if (part !== RESOURCE.organizationId) attributes.add(part, text);
  }
  attributes.add(NAME.paths, facts.paths);
  for (const path of facts.paths ?? []) {
    attributes.add(`${NAME.before}.${path}`, shown(at(before?.description, ...path.split('.'))));
    attributes.add(`${NAME.after}.${path}`, shown(at(after?.description, ...path.split('.'))));
  }
  if (change.change === 'removed') addFields(attributes, NAME.before, before);
  if (change.change === 'added') addFields(attributes, NAME.after, after);
}

function addFields(attributes: LimitedAttributes, prefix: string, thing: ObservedThing | undefined): void {
  for (const [name, value] of Object.entries(thing?.description ?? {})) {
    if (value !== null) attributes.add(`${prefix}.${name}`, shown(value));
  }
}

/** Who did it, as the audit event says: in the attributes that its own record has. */
function addExplanation(attributes: LimitedAttributes, event: ObservedChange['facts']['explainedBy']): void {
  if (event === undefined) return;
  const actor = readActor(event.actor);
  attributes.add(NAME.explainedBy, event.uid);
  attributes.add(NAME.explainedByType, event.type);
  attributes.add(ATTRIBUTE.actorType, actor.type);
  attributes.add(ATTRIBUTE.actorId, actor.id);
  attributes.add(ATTRIBUTE.userEmail, actor.user.email);
  attributes.add(ATTRIBUTE.actorApiKeyId, actor.apiKey.id);
  attributes.add(ATTRIBUTE.actorServiceAccountId, actor.serviceAccountId);
  attributes.add(ATTRIBUTE.actorIp, actor.ip);
}

function addSnapshot(attributes: LimitedAttributes, { id, facts: { reading } }: ObservedChange): void {
  attributes.add(NAME.snapshot, id);
  if (reading === undefined) return;
  const { counts, ...facts } = reading;
  for (const [name, value] of Object.entries(facts)) attributes.add(`openai.inventory.snapshot.${name}`, value);
  attributes.add('openai.inventory.snapshot.kinds', Object.keys(counts).toSorted());
  for (const [kind, count] of Object.entries(counts)) attributes.add(`openai.inventory.snapshot.count.${kind}`, count);
}

/**
 * Each edge as the thing sees it. An edge leads from the thing to the entity that it names; where it comes from there,
 * its direction says so; one between two other things, which is all that a link is, names where it comes from as well.
 */
function relationshipsOf(kind: string, { id, relations }: ObservedThing): Value {
  const isSelf = (end: { readonly kind: string; readonly id: ObservedThing['id'] }) =>
    end.kind === kind && Object.entries(end.id).every(([part, text]) => id[part] === text);
  return relations.map(({ from, type, to }) => {
    const isIncoming = isSelf(to) && !isSelf(from);
    const other = isIncoming ? from : to;
    return {
      'relationship.type': type,
      'entity.type': entityType(other.kind),
      'entity.id': other.id,
      ...(isIncoming ? { 'relationship.direction': 'incoming' } : {}),
      ...(isIncoming || isSelf(from)
        ? {}
        : { 'relationship.source.type': entityType(from.kind), 'relationship.source.id': from.id }),
    };
  });
}

function entityType(kind: string): string {
  return `openai.${kind}`;
}

/** A scalar or a list of texts; else its JSON, since few backends can ask about what lies deeper. */
function shown(value: unknown): Value | undefined {
  if (value === undefined) return undefined;
  if (value === null) return '';
  if (typeof value !== 'object') return value as Value;
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value;
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
}

function sentenceOf(change: ObservedChange): string {
  const { kind, id, name, organization, facts } = change;
  if (change.change === 'snapshot') return snapshotSentence(change);
  const actor = facts.explainedBy === undefined ? undefined : readActor(facts.explainedBy.actor);
  const who = quotable(actor?.user.email ?? actor?.id);
  const called = name === undefined || name === id ? '' : ` named "${quotable(name)}"`;
  const where = (change.after ?? change.before)?.id['project.id'];
  const place = where === undefined || kind === 'project' ? ` of ${organization}` : ` in project ${where}`;
  const what = `${nounOf(kind)} ${quotable(id)}${called}${place}`;
  const how = (facts.paths ?? []).map(path => {
    const [before, after] = [change.before, change.after].map(each =>
      quotable(shown(at(each?.description, ...path.split('.')))),
    );
    return `${path} from ${before ?? 'nothing'} to ${after ?? 'nothing'}`;
  });
  const by = who === undefined ? '' : ` by ${who}`;
  return `${nounOf(change.change)}${by}: ${what}${how.length === 0 ? '' : `: ${how.join(', ')}`}`;
}

function snapshotSentence({ organization, facts: { reading } }: ObservedChange): string {
  const things = Object.values(reading?.counts ?? {}).reduce((sum, count) => sum + count, 0);
  const missing = reading?.missing ?? [];
  const whole = missing.length === 0 ? 'complete' : `incomplete (${missing.join(', ')})`;
  return `Inventory of ${organization}: ${things} things, ${whole}, ${reading?.requests} requests in ${reading?.duration} s`;
}

function resourceOf(
  { organization, way }: ObservedChange,
  id: string | undefined,
  added: InventoryRecordOptions['resourceAttributes'],
): LogRecord['resource'] {
  return {
    [RESOURCE.serviceNamespace]: 'openai',
    ...added,
    [RESOURCE.serviceName]: SERVICE,
    [RESOURCE.serviceInstanceId]: `${organization}/${way}`,
    [RESOURCE.organizationName]: organization,
    ...(id === undefined ? {} : { [RESOURCE.organizationId]: id }),
  };
}
