import type { LogRecord, Value } from '../record.ts';
import { type Actor, readActor } from './actor.ts';
import { ATTRIBUTE } from './attribute-names.ts';
import { flatten } from './details.ts';
import { type EventType, eventType } from './event-type.ts';
import { at, textAt } from './json.ts';
import { jsonText } from './json-text.ts';
import type { ObservedEvent, Processor } from './processor.ts';
import { resourceOf } from './resource.ts';
import { summaryOf, type Told } from './summary.ts';
import { targetOf } from './target.ts';
import { type Candidate, withinLimits } from './within-limits.ts';

export interface AuditLogOptions {
  readonly organizations: readonly { readonly name: string; readonly id?: string | undefined }[];
  /** What the operator adds to every resource. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** What the record's Body is: the raw event, the summary (the raw event moves to an attribute), or nothing. */
  readonly body: 'event' | 'summary' | 'none';
  /** OTLP severity number by event type; wins over what the type implies. */
  readonly severity: Readonly<Record<string, number>>;
}

/** Makes a log record of any JSON value that an organization's audit log may list. */
export function createAuditLogProcessor(options: AuditLogOptions): Processor {
  const organizationIds = new Map(options.organizations.map(({ name, id }) => [name, id]));
  const severities = new Map(Object.entries(options.severity));
  return observed => {
    const event = observed.event as Value;
    const told = read(event);
    const original = options.body === 'summary' ? jsonText(event) : undefined;
    const texts = { event, summary: summaryOf(told), original };
    const attributes = withinLimits(candidates(observed, told, texts));
    const body = bodyOf(options.body, texts, attributes);
    return {
      resource: resourceOf(observed, organizationIds.get(observed.organization), options.resourceAttributes),
      timestamp: observed.effectiveAt,
      observedAtMs: observed.observedAtMs,
      eventName: eventNameOf(told.type),
      severityNumber: severities.get(textAt(event, 'type') ?? '') ?? told.type.severity,
      ...(body === undefined ? {} : { body }),
      attributes,
    };
  };
}

function read(event: Value): Told {
  const type = eventType(textAt(event, 'type'));
  const payload = payloadOf(event);
  return {
    type,
    payload,
    actor: readActor(at(event, 'actor')),
    project: { id: textAt(event, 'project', 'id'), name: textAt(event, 'project', 'name') },
    target: targetOf(type.target, type.list, payload),
  };
}

/** It stands in a property that is named like the type. */
function payloadOf(event: Value): Value | undefined {
  const type = textAt(event, 'type');
  return type === undefined ? undefined : (at(event, type) as Value | undefined);
}

function eventNameOf(type: EventType): string {
  return `openai.audit.${type.name}`;
}

interface Texts {
  readonly event: Value;
  readonly summary: string;
  readonly original: string | undefined;
}

/** All attributes a record may have, the most important first: what does not fit is left out from the end. */
function* candidates(observed: ObservedEvent, told: Told, texts: Texts): Generator<Candidate> {
  yield [ATTRIBUTE.uid, observed.uid];
  yield [ATTRIBUTE.eventName, eventNameOf(told.type)];
  yield [ATTRIBUTE.type, textAt(texts.event, 'type')];
  yield [ATTRIBUTE.category, told.type.category];
  yield [ATTRIBUTE.action, told.type.action];
  yield [ATTRIBUTE.outcome, told.type.outcome];
  yield [ATTRIBUTE.stream, observed.stream];
  yield [ATTRIBUTE.delivery, observed.delivery];
  yield [ATTRIBUTE.lateBy, lateBy(observed)];
  yield [ATTRIBUTE.timeEstimated, observed.timeIsNeighbours || undefined];
  yield [ATTRIBUTE.targetType, told.target?.type];
  yield [ATTRIBUTE.targetId, told.target?.id];
  yield [ATTRIBUTE.projectId, told.project.id];
  yield [ATTRIBUTE.projectName, told.project.name];
  yield* actorAttributes(told.actor);
  yield [ATTRIBUTE.summary, texts.summary];
  yield [ATTRIBUTE.original, texts.original];
  if (told.payload !== undefined) yield* flatten(ATTRIBUTE.details, told.payload);
}

function* actorAttributes(actor: Actor): Generator<Candidate> {
  yield [ATTRIBUTE.actorType, actor.type];
  yield [ATTRIBUTE.actorId, actor.id];
  yield [ATTRIBUTE.userId, actor.user.id];
  yield [ATTRIBUTE.userEmail, actor.user.email];
  yield [ATTRIBUTE.actorApiKeyId, actor.apiKey.id];
  yield [ATTRIBUTE.actorApiKeyType, actor.apiKey.type];
  yield [ATTRIBUTE.actorServiceAccountId, actor.serviceAccountId];
  yield [ATTRIBUTE.actorIp, actor.ip];
  yield [ATTRIBUTE.clientAddress, actor.ip];
  yield [ATTRIBUTE.clientAsNumber, actor.location.asNumber];
  yield [ATTRIBUTE.country, actor.location.country];
  yield [ATTRIBUTE.region, actor.location.region];
  yield [ATTRIBUTE.city, actor.location.city];
  yield [ATTRIBUTE.latitude, actor.location.latitude];
  yield [ATTRIBUTE.longitude, actor.location.longitude];
  yield [ATTRIBUTE.ja3, actor.ja3];
  yield [ATTRIBUTE.actorJa4, actor.ja4];
  yield [ATTRIBUTE.userAgent, actor.userAgent];
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
