import type { Value } from '../record.ts';
import { ATTRIBUTE, RESOURCE } from './attribute-names.ts';
import { INFO, WARN } from './event-types.ts';
import type { OwnProcessor, OwnStatement } from './processor.ts';

/**
 * What each statement states: its facts, the attribute that each becomes, and what stands there. Times are RFC 3339.
 */
const ATTRIBUTES: Readonly<Record<OwnStatement['name'], Readonly<Record<string, string>>>> = {
  /** A span of event time is covered, or what it holds has changed. */
  coverage: {
    stream: 'openai.collector.stream',
    /** The span, half-open; the first from which an empty one goes on for at most a day. */
    from: 'openai.collector.coverage.from',
    to: 'openai.collector.coverage.to',
    /** Counts up for each hour. What was said last of an hour counts. */
    revision: 'openai.collector.coverage.revision',
    /** The API's time when a walk last saw that all of it has its fate. */
    verified_at: 'openai.collector.coverage.verified_at',
    acknowledged: 'openai.collector.coverage.acknowledged',
    parked: 'openai.collector.coverage.parked',
    excluded: 'openai.collector.coverage.excluded',
    /** Of all these, how many appeared when the span was covered already, and how many are no longer listed. */
    late: 'openai.collector.coverage.late',
    withdrawn: 'openai.collector.coverage.withdrawn',
    /** SHA-256 of the ids that the stream ever listed there and that are not excluded: sorted by bytes, one a line. */
    digest: 'openai.collector.coverage.digest',
  },
  /** A record that the backend refuses for good waits in the state. */
  parked: {
    stream: 'openai.collector.stream',
    event_uid: 'openai.collector.event.uid',
    event_type: 'openai.collector.event.type',
    event_time: 'openai.collector.event.time',
    reason: 'openai.collector.reason',
    /** The backend's own words. */
    message: 'openai.collector.message',
    /** `false`: the backend refused some records of a batch and did not say which. */
    certain: 'openai.collector.certain',
  },
  /** A stream of the API is in another state than before. */
  feed: {
    stream: 'openai.collector.stream',
    state: 'openai.collector.feed.state',
    previous: 'openai.collector.feed.previous',
    /** In seconds. */
    behind: 'openai.collector.feed.behind',
    reason: 'openai.collector.reason',
  },
  /** An event appeared in a span that was covered: alert rules look at the time of an event, and would miss it. */
  late: {
    stream: 'openai.collector.stream',
    event_uid: 'openai.collector.event.uid',
    event_type: 'openai.collector.event.type',
    event_time: 'openai.collector.event.time',
    /** The event's own severity number, which this record has too. */
    severity: 'openai.collector.event.severity',
    summary: 'openai.collector.event.summary',
    /** In seconds. */
    late_by: 'openai.collector.event.late_by',
  },
};

/** States of a feed in which nothing is wrong. */
const FINE: readonly unknown[] = ['live', 'empty', 'not_available'];
const SERVICE = 'openai-audit-collector';

export interface OwnRecordOptions {
  readonly organizations: readonly { readonly name: string; readonly id?: string | undefined }[];
  /** What the operator adds to every resource. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
}

/** Makes a log record of what the collector says of itself. */
export function createOwnProcessor({ organizations, resourceAttributes }: OwnRecordOptions): OwnProcessor {
  const ids = new Map(organizations.map(({ name, id }) => [name, id]));
  return statement => {
    const id = ids.get(statement.organization);
    const eventName = `openai.collector.${statement.name}`;
    return {
      resource: {
        [RESOURCE.serviceNamespace]: 'openai',
        ...resourceAttributes,
        [RESOURCE.serviceName]: SERVICE,
        [RESOURCE.serviceInstanceId]: `${statement.organization}/${statement.way}`,
        [RESOURCE.organizationName]: statement.organization,
        ...(id === undefined ? {} : { [RESOURCE.organizationId]: id }),
      },
      timestamp: statement.atMs / 1000,
      observedAtMs: statement.atMs,
      eventName,
      severityNumber: severityOf(statement),
      body: sentenceOf(statement),
      attributes: { [ATTRIBUTE.uid]: statement.uid, [ATTRIBUTE.eventName]: eventName, ...attributesOf(statement) },
    };
  };
}

/** A fact that the table does not know is one of a later version: it is kept under its own name. */
function attributesOf({ name, facts }: OwnStatement): Record<string, Value> {
  const names = ATTRIBUTES[name];
  return Object.fromEntries(
    Object.entries(facts).map(([fact, value]) => [names[fact] ?? `openai.collector.${name}.${fact}`, value]),
  );
}

function severityOf({ name, facts }: OwnStatement): number {
  switch (name) {
    case 'coverage':
      return INFO;
    case 'parked':
      return WARN;
    case 'late':
      return typeof facts.severity === 'number' ? facts.severity : INFO;
    case 'feed':
      return FINE.includes(facts.state) ? INFO : WARN;
  }
}

function sentenceOf({ organization, name, facts }: OwnStatement): string {
  const what = facts.stream === 'inventory' ? 'inventory' : `${facts.stream} stream`;
  const stream = `the ${what} of ${organization}`;
  switch (name) {
    case 'coverage':
      return (
        `Complete: ${stream} from ${facts.from} to ${facts.to}: ${facts.acknowledged} delivered, ` +
        `${facts.parked} parked, ${facts.excluded} excluded, ${facts.late} late, ${facts.withdrawn} withdrawn`
      );
    case 'parked':
      return `Parked: event ${facts.event_uid} (${facts.event_type}) of ${stream}: ${facts.reason}: ${facts.message}`;
    case 'late':
      return `Late by ${facts.late_by} s: event ${facts.event_uid} of ${stream}: ${facts.summary ?? facts.event_type}`;
    case 'feed': {
      const why = facts.reason === undefined ? '' : `: ${facts.reason}`;
      const behind = facts.behind === undefined ? '' : ` by ${facts.behind} s`;
      return `${facts.state}${behind}: ${stream}${why}`;
    }
  }
}
