import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createStory, workingDays } from '../../src/emulator/story/story.ts';
import { probeFor } from '../../src/exporter/probe.ts';
import { feedStatement, settledStatements } from '../../src/pipeline/statement.ts';
import { type AuditLogOptions, createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { createOwnProcessor } from '../../src/processor/own-record.ts';
import type { ObservedEvent } from '../../src/processor/processor.ts';
import type { LogRecord } from '../../src/record.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { InFlight, Statement } from '../../src/storage/storage.ts';
import { readGolden } from '../processor/golden.ts';

const START_S = 1_760_000_000;
const DAY_S = 86_400;
/** Events of a live organization, beside the repository where somebody has put them. */
const SAMPLES = new URL('../../../shared/samples/audit-logs/', import.meta.url);
const feed = { organization: 'acme', stream: 'organization' } as const;
const options: AuditLogOptions = {
  organizations: [{ name: 'acme', id: 'org-abc' }],
  resourceAttributes: {},
  body: 'event',
  severity: {},
};
const KEY = { id: 'key_1', type: 'service_account', service_account: { id: 'svc_acct_1' } };
/** All that databases can say. */
const geo = {
  country: 'DE',
  region: 'BE',
  city: 'Berlin',
  latitude: 52.52437,
  longitude: 13.41053,
  asNumber: 64_504,
  asOrganization: 'Example Networks',
  isp: 'Example Telecom',
  connectionType: 'Cable/DSL',
  userType: 'business',
  isAnonymous: true,
  anonymity: ['vpn'],
} as const;

/** Whom the inventory knows. */
const names = {
  'user.full_name': { 'user-Ada1': 'Ada Lovelace' },
  'api_key.name': { key_1: 'ci deploy' },
  'service_account.name': { svc_acct_1: 'build bot' },
} as const;

/** Records of all kinds: events of a story and of the fixtures, with a database and without, and odd ones. */
export function auditRecords(): readonly LogRecord[] {
  const story = createStory('every record', START_S * 1000);
  const told = [...story.tell(START_S + 28 * DAY_S, workingDays(200))];
  const fixtures = readGolden().flatMap(({ events }) => events);
  const events: readonly unknown[] = [...told, ...fixtures, ...samples()];
  const map = createAuditLogProcessor(options);
  const summarize = createAuditLogProcessor({ ...options, body: 'summary' });
  const asked = { type: 'login.succeeded', actor: { session: { ip_address: '203.0.113.7' } } };
  return [
    ...events.map(event => map(observed(event))),
    ...fixtures.map(event => summarize(observed(event, { delivery: 'backfill' }))),
    map(observed(asked, { context: { geo } })),
    map(
      observed({ type: 'login.succeeded', actor: { session: { user: { id: 'user-Ada1' } } } }, { context: { names } }),
    ),
    map(observed({ type: 'api_key.created', actor: { api_key: KEY } }, { context: { names } })),
    map(observed(told[0], { delivery: 'late', timeIsNeighbours: true, stream: 'tenant' })),
    map(observed({ type: 'user.added', 'user.added': { note: 'x'.repeat(50_000) } })),
  ];
}

function samples(): readonly unknown[] {
  const files = existsSync(SAMPLES) ? readdirSync(SAMPLES) : [];
  return files.map(file => JSON.parse(readFileSync(new URL(file, SAMPLES), 'utf8')));
}

/** One record of each kind that the collector says of itself, as the program makes them. */
export async function ownRecords(): Promise<readonly LogRecord[]> {
  const own = createOwnProcessor({ organizations: options.organizations, resourceAttributes: {} });
  const [event] = auditRecords();
  const parked = { reason: 'refused', message: 'HTTP 400: too large', certain: true, atMs: 1 };
  const statements = [
    ...(await coverageStatements()),
    ...(event === undefined ? [] : settledStatements(ROW, { uid: ROW.uid, fate: 'parked', parked }, event, 1)),
    feedStatement(feed, { state: 'behind', behindS: 120, reason: 'the API is slow' }, 'live', 1),
  ];
  const said = statements.map(statement => own({ ...statement, way: 'collector/1' }));
  return event === undefined ? said : [...said, probeFor(event)];
}

async function coverageStatements(): Promise<readonly Statement[]> {
  const storage = await openStorage(':memory:');
  const state = { startText: '30d', startAt: 0, listed: true, floor: 0, ways: {} };
  await storage.commit({ feed, atMs: 1, state: { ...state, coverage: [{ from: 0, to: 3_600, verifiedAt: 9_000 }] } });
  const statements = await storage.statements(feed.organization, 10, 0);
  await storage.close();
  return statements;
}

const ROW: InFlight = {
  uid: 'audit_log-1',
  feed,
  type: 'user.added',
  effectiveAt: 1,
  way: 'late/1',
  delivery: 'late',
  observedAtMs: 9_000,
  event: '{}',
  timeIsNeighbours: false,
};

function observed(event: unknown, facts: Partial<ObservedEvent> = {}): ObservedEvent {
  return {
    uid: 'audit_log-1',
    organization: 'acme',
    stream: 'organization',
    way: 'live',
    delivery: 'live',
    effectiveAt: START_S,
    timeIsNeighbours: false,
    observedAtMs: START_S * 1000 + 2_000,
    event,
    ...facts,
  };
}
