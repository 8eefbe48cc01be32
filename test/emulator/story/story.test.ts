import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/emulator/audit-event.ts';
import { EVENT_TYPES, TYPES_WITHOUT_PAYLOAD } from '../../../src/emulator/catalogue.ts';
import { createStory, workingDays } from '../../../src/emulator/story/story.ts';

const END_S = Date.parse('2026-11-22T12:00:00Z') / 1000;
const DAY_S = 86_400;

interface Event {
  readonly id: string;
  readonly type: string;
  readonly effective_at: number;
  readonly project?: { readonly id: string };
  readonly actor: {
    readonly type: string;
    readonly session?: {
      readonly user: { readonly id: string; readonly email: string };
      readonly ip_address: string;
      readonly ip_address_details: Readonly<Record<string, string>>;
    };
  } | null;
  readonly payload: { readonly id?: string; readonly [field: string]: unknown } | null | undefined;
}

const history = tell('history');

/** What was there before the story began. */
const inherited = new Set(inheritedIds('history'));

function inheritedIds(seed: string): readonly string[] {
  const { world } = createStory(seed, (END_S - 30 * DAY_S) * 1000);
  const kinds = ['certificate', 'external_key', 'group', 'invite', 'role', 'assignment', 'identity_provider'] as const;
  return kinds.flatMap(kind => world.stock(kind).map(({ id }) => id));
}

function tell(seed: string): readonly Event[] {
  const story = createStory(seed, (END_S - 30 * DAY_S) * 1000);
  return [...story.tell(END_S, workingDays(240))].map(withPayload);
}

function withPayload(event: AuditEvent): Event {
  return { ...event, payload: event[event.type as string] } as unknown as Event;
}

const ofType = (type: string) => history.filter(event => event.type === type);
const idOf = ({ payload }: Event) => payload?.id ?? '';

test('is the same for the same seed, and another one for another', () => {
  expect(tell('history')).toEqual(history);
  expect(tell('other').map(({ id }) => id)).not.toEqual(history.map(({ id }) => id));
});

test.each(['1', '2', '3', 'demo'])('shows every documented type within 30 days, from seed %s', seed => {
  const seen = new Set(tell(seed).map(({ type }) => type));
  expect(EVENT_TYPES.filter(type => !seen.has(type))).toEqual([]);
  expect([...seen].filter(type => !EVENT_TYPES.includes(type))).toEqual([]);
});

test('30 days have 5,000 to 10,000 events, in order, many of them sharing a second', () => {
  expect(history.length).toBeGreaterThan(5000);
  expect(history.length).toBeLessThan(10_000);
  const times = history.map(event => event.effective_at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(END_S - 30 * DAY_S);
  expect(times.at(-1)).toBeLessThanOrEqual(END_S);
  const sharing = times.filter((at, index) => at === times[index - 1] || at === times[index + 1]);
  expect(sharing.length / times.length).toBeGreaterThan(0.3);
});

test('ids are like those of the API, and no two alike', () => {
  for (const { id } of history) expect(id).toMatch(/^audit_log-[A-Za-z0-9]{24}$/);
  expect(new Set(history.map(({ id }) => id)).size).toBe(history.length);
});

test('keeps working hours', () => {
  const byWeekday = Array.from({ length: 7 }, () => 0);
  for (const event of history) {
    const day = new Date(event.effective_at * 1000).getUTCDay();
    byWeekday[day] = (byWeekday[day] ?? 0) + 1;
  }
  const [sunday = 0, , , wednesday = 0] = byWeekday;
  expect(sunday).toBeLessThan(wednesday / 2);
});

test('whoever acts in a session signed in before, from the same address', () => {
  const signedIn = new Set<string>();
  const strangers: string[] = [];
  for (const { type, actor } of history) {
    if (actor?.session === undefined) continue;
    const { user, ip_address: address } = actor.session;
    if (type === 'login.succeeded') signedIn.add(`${user.id} ${address}`);
    const needsNone = ['login.failed', 'invite.accepted', 'user.added'].includes(type);
    if (!needsNone && !signedIn.has(`${user.id} ${address}`)) strangers.push(type);
  }
  expect(strangers).toEqual([]);
});

test.each([
  ['certificate.created', ['certificate.updated', 'certificate.deleted']],
  ['external_key.registered', ['external_key.removed']],
  ['group.created', ['group.updated', 'group.deleted']],
  ['invite.sent', ['invite.accepted', 'invite.deleted']],
  ['ip_allowlist.created', ['ip_allowlist.updated', 'ip_allowlist.deleted']],
  ['role.created', ['role.updated', 'role.deleted']],
  ['role.assignment.created', ['role.assignment.deleted']],
  ['workload_identity_provider.created', ['workload_identity_provider.updated', 'workload_identity_provider.deleted']],
])('%s comes before what happens to it', (created, later) => {
  const born = new Map(ofType(created).map((event, index) => [idOf(event), { at: event.effective_at, index }]));
  const afterwards = later.flatMap(ofType).filter(event => !inherited.has(idOf(event)));
  expect(afterwards.length).toBeGreaterThan(0);
  for (const event of afterwards) {
    expect(born.get(idOf(event))?.at ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(event.effective_at);
  }
});

test('a key that was deleted is neither changed nor deleted again', () => {
  const deleted = new Set<string>();
  for (const event of history) {
    if (!/^api_key\.(updated|deleted)$/.test(event.type)) continue;
    expect(deleted.has(idOf(event))).toBe(false);
    if (event.type === 'api_key.deleted') deleted.add(idOf(event));
  }
  expect(deleted.size).toBeGreaterThan(20);
});

test('somebody who accepts an invite is added in the same second', () => {
  const accepted = ofType('invite.accepted');
  for (const { actor, effective_at: at } of accepted) {
    const id = actor?.session?.user.id;
    expect(ofType('user.added').find(event => idOf(event) === id)?.effective_at).toBe(at);
  }
});

test('types without a schema have, in turn, no payload, null and an id', () => {
  const forms = new Set<string>();
  for (const type of TYPES_WITHOUT_PAYLOAD) {
    ofType(type).forEach(({ payload }, index) => {
      const form = payload === undefined ? 'none' : payload === null ? 'null' : 'id';
      expect(form).toBe(['none', 'null', 'id'][index % 3]);
      if (form === 'id') expect(payload).toEqual({ id: expect.any(String) });
      forms.add(form);
    });
  }
  expect([...forms].toSorted()).toEqual(['id', 'none', 'null']);
});

test('addresses and their details fit each other, are strings and belong to the documentation', () => {
  const cities = new Map<string, Set<string>>();
  for (const { actor } of history) {
    if (actor?.session === undefined) continue;
    const { ip_address: address, ip_address_details: details, user } = actor.session;
    expect(address).toMatch(/^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$/);
    expect(Object.values(details).every(value => typeof value === 'string')).toBe(true);
    expect(user.email).toMatch(/@example\.com$/);
    cities.set(address, (cities.get(address) ?? new Set()).add(details.city ?? ''));
  }
  for (const [address, names] of cities) expect([address, names.size]).toEqual([address, 1]);
});

test('has what a security team looks for', () => {
  expect(ofType('ip_allowlist.config.deactivated').length).toBeGreaterThan(0);
  const promoted = ofType('user.updated').filter(
    ({ payload }) => (payload?.changes_requested as { role?: string } | undefined)?.role === 'owner',
  );
  expect(promoted.length).toBeGreaterThan(0);
  const failures = ofType('login.failed').map(event => event.effective_at);
  const burst = failures.some((at, index) => (failures[index + 7] ?? Number.POSITIVE_INFINITY) - at < 60);
  expect(burst).toBe(true);
});

test('people, keys, service accounts and nobody act', () => {
  const kinds = new Set(history.map(({ actor }) => actor?.type ?? 'nobody'));
  expect([...kinds].toSorted()).toEqual(['api_key', 'nobody', 'session']);
  const byAccount = history.filter(({ actor }) => JSON.stringify(actor)?.includes('"service_account":{"id"'));
  expect(byAccount.length).toBeGreaterThan(10);
});
