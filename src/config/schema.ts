import { FAMILIES } from '../inventory/families.ts';
import { exporterSchema } from './exporter-schema.ts';
import {
  boolean,
  duration,
  type Fault,
  isNot,
  list,
  mapOf,
  oneOf,
  type Reading,
  record,
  refined,
  scalar,
  text,
} from './format.ts';
import { key, optional, required, section } from './key.ts';
import { misspelt } from './known-event-type.ts';
import { listenOn } from './listen-on.ts';
import { OWN_ATTRIBUTES } from './own-attributes.ts';
import { privacyRules } from './privacy.ts';
import { startFrom } from './start-from.ts';
import { url } from './url.ts';
import { fromLevel, fromPairs } from './variables.ts';

const eventType = text(
  'an event type',
  /^[^\s*?]+$/,
  'write whole types such as login.failed; patterns are not possible',
);

const tiers = list(
  record(
    { last: duration({ min: '1s', max: '3650d' }), every: duration({ min: '1s', max: '365d' }) },
    '{ last: 24h, every: 1h }',
  ),
);

const reverification = refined(tiers, read => [
  ...read.flatMap(({ last, every }, index) =>
    every < last
      ? []
      : [
          {
            at: `[${index}].every`,
            message: 'must be shorter than `last`, or events between two passes are never read again',
          },
        ],
  ),
  ...repeated(
    read.map(({ last }) => last),
    '.last',
  ),
]);

function tier(last: string, every: string): ReadonlyMap<string, string> {
  return new Map(Object.entries({ last, every }));
}

const auditLogs = section({
  enabled: key(boolean(), true, 'Whether to collect the audit log of this organization.'),
  streams: key(
    refined(list(oneOf(['organization', 'tenant'])), streams => [
      ...(streams.length === 0 ? [{ at: '', message: 'is empty; to collect nothing write `enabled: false`' }] : []),
      ...repeated(streams),
    ]),
    ['organization', 'tenant'],
    'Which listings to read; `tenant` carries most of the event types.',
  ),
  poll_interval: key(duration({ min: '1s', max: '1h' }), '30s', 'How often to ask for new events.'),
  settle: key(
    duration({
      min: '1s',
      max: '30m',
      because: 'live reading looks back 45 minutes, and must reach what is not settled',
    }),
    '5m',
    'How old an event time must be before its span may count as complete.',
  ),
  start_from: key(
    startFrom,
    '30d',
    'How far back the first start reads: a duration, an RFC 3339 instant or `beginning` (2020-01-01).',
  ),
  reverify: key(
    reverification,
    [tier('24h', '1h'), tier('30d', '24h'), tier('180d', '7d')],
    'Which spans to read again, and how often, to find events that were inserted late.',
  ),
  exclude_types: key(
    refined(list(refined(eventType, misspelt)), types => repeated(types)),
    [],
    'Event types to count but not to send.',
  ),
});

const inventory = section({
  enabled: key(boolean(), true, 'Whether to read what exists in this organization: users, projects, keys, roles, ...'),
  interval: key(
    duration({ min: '1s', max: '30d' }),
    '1h',
    'How often to read it; what seldom changes every 6 or 24 intervals, and what an audit event names at once.',
  ),
  exclude: key(
    refined(list(oneOf(FAMILIES)), families => repeated(families)),
    [],
    'Families to leave out: people, projects, keys, groups, roles, certificates, limits, spend, settings, external, workload_identity.',
  ),
});

/** One element of `organizations`. */
export const organizationSchema = section({
  name: key(
    text(
      'a name',
      /^(?!sk-)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      'use at most 63 letters, digits, dots, underscores and hyphens, a letter or digit first, and not a key',
    ),
    'default',
    'Names the organization in state, logs and records (`organization.name`). Choose it once: the state is kept by it.',
  ),
  id: optional(
    text('an organization id', /^[\w-]{1,128}$/, 'write it as the console shows it, for example org-abc123'),
    'Becomes `organization.id`; no endpoint tells it.',
  ),
  admin_key: required(
    text('an admin key', /^[\x21-\x7e]+$/, 'it must be one line of printable characters without spaces'),
    `is missing; write it as a reference such as \${env:ACME_ADMIN_KEY}, or set OPENAI_ADMIN_KEY`,
    'Admin API key that may read audit logs.',
    { variables: ['OPENAI_ADMIN_KEY'], secret: true },
  ),
  base_url: key(
    url({ example: 'https://api.openai.com/v1', query: false }),
    'https://api.openai.com/v1',
    'Where the Admin API is, with its version.',
    { variables: ['OPENAI_BASE_URL'] },
  ),
  allow_plain_http: key(boolean(), false, 'Whether the key may go over plain HTTP to another machine.'),
  allow_private_address: key(
    boolean(),
    false,
    'Whether `base_url` may lead into a private network (10.0.0.0/8, 192.168.0.0/16, ...), as a gateway of your own does.',
  ),
  audit_logs: auditLogs,
  inventory,
});

const SEVERITIES: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

function readSeverity(value: unknown): Reading<number> {
  const number = typeof value === 'string' ? (SEVERITIES[value.toLowerCase()] ?? Number(value)) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 24
    ? { value: number }
    : isNot(value, 'is not a severity; write a number from 1 to 24, or trace, debug, info, warn, error or fatal');
}

const severity = scalar('a severity', readSeverity, {
  anyOf: [{ enum: Object.keys(SEVERITIES) }, { type: 'integer', minimum: 1, maximum: 24 }],
});

const attributeName = refined(text('an attribute name', /^[^\s\0]+$/, 'write it without spaces'), name =>
  OWN_ATTRIBUTES.includes(name)
    ? isNot(name, 'is set by the collector: it tells the ways of delivery apart').faults
    : [],
);

/** Everything beside `organizations`. */
export const schema = section({
  exporter: exporterSchema,
  records: section({
    body: key(
      oneOf(['event', 'summary', 'none']),
      'event',
      'What the Body holds: the whole event, a sentence (the event is then in `log.record.original`), or nothing.',
    ),
    severity: key(
      mapOf(refined(eventType, misspelt), severity),
      [],
      'Severity by event type, where another than the built-in one is wanted: a number from 1 to 24, or trace, debug, info, warn, error or fatal.',
    ),
    privacy: key(
      privacyRules,
      [],
      'What becomes of an attribute and of its value wherever else it stands: keep, drop, hash, or truncate for addresses.',
    ),
    privacy_key: optional(
      text('a key', /^[^\0]{16,}$/, 'it must have at least 16 characters'),
      'Secret of the keyed hash; required for `hash`. With another key all hashes are others.',
      { secret: true },
    ),
  }),
  enrichment: section({
    geoip: section({
      databases: key(
        refined(list(text('a path', /^[^\0]+$/, 'write the path of a file')), paths => repeated(paths)),
        [],
        'Files in MaxMind format (.mmdb) that say where an address is and whose, where the event does not; read again when they change.',
      ),
    }),
  }),
  resource: section({
    attributes: key(
      mapOf(attributeName, text('text', /^[^\0]*$/, 'put it in quotes')),
      [],
      'Resource attributes to add to every record, for example `deployment.environment.name: production`.',
      { variables: ['OTEL_RESOURCE_ATTRIBUTES'], fromVariable: fromPairs, adds: true },
    ),
  }),
  storage: section({
    path: key(
      text('a path', /^[^\0]+$/, 'write the path of a file'),
      './openai-audit.db',
      'File that holds the state of the collector.',
    ),
  }),
  telemetry: section({
    logs: section({
      level: key(
        oneOf(['debug', 'info', 'warn', 'error']),
        'info',
        'Least level of what the collector logs about itself.',
        {
          variables: ['OTEL_LOG_LEVEL'],
          fromVariable: fromLevel,
        },
      ),
      format: key(
        oneOf(['auto', 'json', 'text']),
        'auto',
        'How it logs on stderr; `auto` is text on a terminal and JSON elsewhere.',
      ),
    }),
    metrics: section({
      prometheus: key(
        listenOn,
        'localhost:9464',
        'Where `run` serves its metrics to Prometheus, at `/metrics`: host:port, port 0 for any free one, or `off`.',
      ),
      otlp: key(
        boolean(),
        false,
        'Whether `run` sends its metrics to the backend too, every minute: to `exporter.endpoint`, `/v1/metrics`.',
      ),
    }),
  }),
  health: section({
    endpoint: key(
      listenOn,
      'localhost:13134',
      'Where `run` serves its status page (`/`), `/status`, `/healthz` and `/readyz`: host:port, port 0 for any free one, or `off`.',
    ),
    show_events: key(
      boolean(),
      false,
      'Whether the status page and `/status` show the newest delivered events, a sentence each.',
    ),
  }),
});

function repeated(values: readonly unknown[], suffix = ''): readonly Fault[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index
      ? [{ at: `[${index}]${suffix}`, message: `repeats element ${values.indexOf(value)}` }]
      : [],
  );
}
