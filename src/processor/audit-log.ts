import { jsonText } from '../json-text.ts';
import type { LogRecord, Value } from '../record.ts';
import { type Actor, readActor } from './actor.ts';
import { ATTRIBUTE } from './attribute-names.ts';
import type { EventContext } from './context.ts';
import { addFlattened } from './details.ts';
import { type EventType, eventType } from './event-type.ts';
import { at, textAt } from './json.ts';
import { nameOf } from './name-of.ts';
import { payloadOf } from './payload.ts';
import { withPrivacy } from './privacy.ts';
import type { Privacy } from './privacy-rules.ts';
import type { ObservedEvent, Processor } from './processor.ts';
import { createResources } from './resource.ts';
import { MOST_RESOURCES, resourcesOf } from './resources.ts';
import { severityOf } from './severity.ts';
import { summaryOf, type Told } from './summary.ts';
import { type Target, targetOf } from './target.ts';
import { LimitedAttributes } from './within-limits.ts';

export interface AuditLogOptions {
  readonly organizations: readonly { readonly name: string; readonly id?: string | undefined }[];
  /** What the operator adds to every resource. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** What the record's Body is: the raw event, the summary (the raw event moves to an attribute), or nothing. */
  readonly body: 'event' | 'summary' | 'none';
  /** OTLP severity number by event type; wins over what the type implies. */
  readonly severity: Readonly<Record<string, number>>;
  readonly privacy?: Privacy;
}

/** Makes a log record of any JSON value that an organization's audit log may list. */
export function createAuditLogProcessor(options: AuditLogOptions): Processor {
  return withPrivacy(createMapping(options), options.privacy);
}

function createMapping(options: AuditLogOptions): Processor {
  const resourceOf = createResources(options);
  const severities = new Map(Object.entries(options.severity));
  return observed => {
    const event = observed.event as Value;
    const told = read(event, observed.context);
    const original = options.body === 'summary' ? jsonText(event) : undefined;
    const texts = { event, summary: summaryOf(told), original };
    const attributes = attributesOf(observed, told, texts);
    const body = bodyOf(options.body, texts, attributes);
    return {
      resource: resourceOf(observed),
      timestamp: observed.effectiveAt,
      observedAtMs: observed.observedAtMs,
      eventName: eventNameOf(told.type),
      severityNumber: severities.get(textAt(event, 'type') ?? '') ?? severityOf(told.type, told.payload),
      ...(body === undefined ? {} : { body }),
      attributes,
    };
  };
}

function read(event: Value, context: EventContext = {}): Told {
  const type = eventType(textAt(event, 'type'));
  const payload = payloadOf(event);
  const actor = readActor(at(event, 'actor'), context);
  const target = targetOf(type, payload, actor);
  const id = textAt(event, 'project', 'id');
  const project = { id, name: textAt(event, 'project', 'name') ?? nameOf(context.names, id, 'project.name') };
  const called = (each: string) => (each === id ? project.name : undefined) ?? nameOf(context.names, each);
  const resources = resourcesOf(target, payload);
  return { type, payload, actor, project, target: target && named(target, called), resources, called };
}

function named(target: Target, called: Told['called']): Target {
  const [id, ...others] = target.ids;
  return id === undefined || others.length > 0 ? target : { ...target, name: target.name ?? called(id) };
}

function eventNameOf(type: EventType): string {
  return `openai.audit.${type.name}`;
}

interface Texts {
  readonly event: Value;
  readonly summary: string;
  readonly original: string | undefined;
}

/** The most important first: what does not fit is left out from the end. */
function attributesOf(observed: ObservedEvent, told: Told, texts: Texts): LogRecord['attributes'] {
  const attributes = new LimitedAttributes();
  attributes.add(ATTRIBUTE.uid, observed.uid);
  attributes.add(ATTRIBUTE.eventName, eventNameOf(told.type));
  attributes.add(ATTRIBUTE.type, textAt(texts.event, 'type'));
  attributes.add(ATTRIBUTE.category, told.type.category);
  attributes.add(ATTRIBUTE.action, told.type.action);
  attributes.add(ATTRIBUTE.outcome, told.type.outcome);
  attributes.add(ATTRIBUTE.readOnly, told.type.readOnly);
  attributes.add(ATTRIBUTE.stream, observed.stream);
  attributes.add(ATTRIBUTE.delivery, observed.delivery);
  attributes.add(ATTRIBUTE.lateBy, lateBy(observed));
  attributes.add(ATTRIBUTE.timeEstimated, observed.timeIsNeighbours || undefined);
  attributes.add(ATTRIBUTE.targetType, told.target?.type);
  addResources(attributes, told);
  attributes.add(ATTRIBUTE.targetName, told.target?.name);
  attributes.add(ATTRIBUTE.projectId, told.project.id);
  attributes.add(ATTRIBUTE.projectName, told.project.name);
  addActor(attributes, told.actor);
  attributes.add(ATTRIBUTE.summary, texts.summary);
  attributes.add(ATTRIBUTE.original, texts.original);
  if (told.payload !== undefined) addFlattened(attributes, ATTRIBUTE.details, told.payload);
  return attributes.done();
}

function addResources(attributes: LimitedAttributes, { target, resources: { kinds, truncated } }: Told): void {
  const ids = target?.ids.slice(0, MOST_RESOURCES) ?? [];
  const told = Array.from(kinds, ([id, kind]) => `${kind}/${id}`);
  attributes.add(ATTRIBUTE.targetId, ids.join(',') || undefined);
  attributes.add(ATTRIBUTE.resources, told.length === 0 ? undefined : told);
  if (truncated) attributes.mark();
}

function addActor(attributes: LimitedAttributes, actor: Actor): void {
  attributes.add(ATTRIBUTE.actorType, actor.type);
  attributes.add(ATTRIBUTE.actorId, actor.id);
  attributes.add(ATTRIBUTE.userId, actor.user.id);
  attributes.add(ATTRIBUTE.userEmail, actor.user.email);
  attributes.add(ATTRIBUTE.userFullName, actor.user.fullName);
  attributes.add(ATTRIBUTE.actorApiKeyId, actor.apiKey.id);
  attributes.add(ATTRIBUTE.actorApiKeyType, actor.apiKey.type);
  attributes.add(ATTRIBUTE.actorApiKeyName, actor.apiKey.name);
  attributes.add(ATTRIBUTE.actorServiceAccountId, actor.serviceAccountId);
  attributes.add(ATTRIBUTE.actorServiceAccountName, actor.serviceAccountName);
  attributes.add(ATTRIBUTE.actorIp, actor.ip);
  attributes.add(ATTRIBUTE.clientAddress, actor.ip);
  attributes.add(ATTRIBUTE.clientAsNumber, actor.location.asNumber);
  attributes.add(ATTRIBUTE.country, actor.location.country);
  attributes.add(ATTRIBUTE.region, actor.location.region);
  attributes.add(ATTRIBUTE.city, actor.location.city);
  attributes.add(ATTRIBUTE.latitude, actor.location.latitude);
  attributes.add(ATTRIBUTE.longitude, actor.location.longitude);
  attributes.add(ATTRIBUTE.clientAsOrganization, actor.location.asOrganization);
  attributes.add(ATTRIBUTE.clientIsp, actor.location.isp);
  attributes.add(ATTRIBUTE.clientConnectionType, actor.location.connectionType);
  attributes.add(ATTRIBUTE.clientUserType, actor.location.userType);
  attributes.add(ATTRIBUTE.clientIsAnonymous, actor.location.isAnonymous);
  attributes.add(ATTRIBUTE.clientAnonymity, actor.location.anonymity);
  attributes.add(ATTRIBUTE.ja3, actor.ja3);
  attributes.add(ATTRIBUTE.actorJa4, actor.ja4);
  attributes.add(ATTRIBUTE.userAgent, actor.userAgent);
}

function lateBy({ delivery, observedAtMs, effectiveAt }: ObservedEvent): number | undefined {
  return delivery === 'late' ? Math.floor(observedAtMs / 1000 - effectiveAt) : undefined;
}

/** A raw event too large for an attribute stays the Body: nothing of it is lost by asking for summaries. */
function bodyOf(body: AuditLogOptions['body'], texts: Texts, attributes: LogRecord['attributes']): Value | undefined {
  if (body === 'none') return undefined;
  const originalIsKept = Object.hasOwn(attributes, ATTRIBUTE.original);
  return body === 'summary' && originalIsKept ? texts.summary : texts.event;
}
