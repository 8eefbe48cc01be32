import { EVENT_TYPES } from './catalogue.ts';
import { amount, ControlError, count, duration, fields, flag, listOf, oneOf, required, text } from './control-body.ts';
import { changeEvents, listedEvents } from './control-events.ts';
import { readFaults } from './control-faults.ts';
import type { Emulator } from './emulator.ts';
import { EVERY_ROUTE } from './rate-limits.ts';
import type { Message } from './reply.ts';
import { ROUTES } from './routes.ts';
import type { Settings } from './settings.ts';

/** Takes the body as JSON (undefined when empty) and gives what is answered as JSON; throws a ControlError. */
type Command = (emulator: Emulator, body: unknown, query: URLSearchParams) => unknown;

const COMMANDS: Readonly<Record<string, Command>> = {
  'POST /_emulator/faults': (emulator, body) => {
    emulator.addFaults(readFaults(body));
    return { pending: emulator.pendingFaults() };
  },
  'GET /_emulator/faults': emulator => ({ pending: emulator.pendingFaults() }),
  'DELETE /_emulator/faults': emulator => {
    emulator.clearFaults();
    return { pending: [] };
  },
  'POST /_emulator/limits': setLimit,
  'POST /_emulator/keys': setKey,
  'POST /_emulator/clock': (emulator, body) => {
    moveClock(emulator, body);
    return clockState(emulator);
  },
  'GET /_emulator/clock': clockState,
  'POST /_emulator/events': ({ organization }, body) => changeEvents(organization, body),
  'POST /_emulator/acts': act,
  'GET /_emulator/graph': ({ organization }) => organization.graph(),
  'POST /_emulator/life': (emulator, body) => {
    const { rate } = fields({ rate: amount })(body, 'body');
    emulator.organization.setRate(required(rate, 'body.rate'));
    return { rate: emulator.organization.ratePerMinute };
  },
  'POST /_emulator/settings': setSettings,
  'GET /_emulator/settings': ({ settings }) => settings,
  'GET /_emulator/stats': ({ requests }) => ({
    total: requests.total,
    routes: requests.counts(),
    last: requests.last(),
  }),
};

/** Carries out a control request. What cannot be carried out is a 400 that says why, what does not exist a 404. */
export function control(emulator: Emulator, method: string, target: string, body: string): Message {
  const url = new URL(target, 'http://emulator');
  try {
    if (method === 'GET' && url.pathname === '/_emulator/events') {
      return message(200, listedEvents(emulator.organization, url.searchParams), 'application/x-ndjson');
    }
    const command = COMMANDS[`${method} ${url.pathname}`];
    if (command === undefined) return message(404, JSON.stringify({ error: unknownCommand(method, url.pathname) }));
    return message(200, JSON.stringify(command(emulator, parseBody(body), url.searchParams)));
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return message(400, JSON.stringify({ error: error.message }));
  }
}

function message(status: number, body: string, contentType = 'application/json'): Message {
  return { status, headers: { 'content-type': contentType }, body };
}

function unknownCommand(method: string, path: string): string {
  return `There is no ${method} ${path}; there are ${[...Object.keys(COMMANDS), 'GET /_emulator/events'].join(', ')}`;
}

function parseBody(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new ControlError('body: not valid JSON');
  }
}

const checkLimit = fields({
  route: oneOf(EVERY_ROUTE, ...ROUTES.map(({ template }) => template)),
  requests: (value, place) => (value === null ? null : count(value, place)),
  per: duration,
  retry_after: flag,
});

function setLimit(emulator: Emulator, body: unknown): unknown {
  const {
    route = EVERY_ROUTE,
    requests,
    per: perMs = 60_000,
    retry_after: retryAfter = false,
  } = checkLimit(body, 'body');
  const allowed = required(requests, 'body.requests (null lifts the limit)');
  emulator.limit(route, allowed === null ? undefined : { requests: allowed, perMs, retryAfter });
  return { route, requests: allowed, per_ms: perMs, retry_after: retryAfter };
}

function setKey({ keys }: Emulator, body: unknown): unknown {
  const check = fields({
    key: text,
    scopes: (value, place) => (value === 'all' ? 'all' : listOf(text)(value, place)),
    revoked: flag,
  });
  const { key, scopes = 'all', revoked = false } = check(body, 'body');
  const named = required(key, 'body.key');
  if (revoked) keys.revoke(named);
  else keys.set(named, scopes);
  return revoked ? { revoked } : { scopes };
}

function act({ organization }: Emulator, body: unknown): unknown {
  const check = fields({ type: oneOf(...EVENT_TYPES), target: text });
  const { type, target } = check(body, 'body');
  const added = organization.act(required(type, 'body.type'), target);
  if (added.length === 0) throw new ControlError('body: there is nothing that this can be done to');
  return { added };
}

function moveClock({ organization }: Emulator, body: unknown): void {
  const { jump, to } = fields({ jump: duration, to: text })(body, 'body');
  if ((jump === undefined) === (to === undefined)) throw new ControlError('body: expected either jump or to');
  const atMs = to === undefined ? organization.clock.nowMs() + (jump ?? 0) : Date.parse(to);
  if (Number.isNaN(atMs)) throw new ControlError(`body.to: expected an RFC 3339 instant, got ${JSON.stringify(to)}`);
  organization.jump(atMs - organization.clock.nowMs());
}

function clockState({ organization }: Emulator): unknown {
  return { now: new Date(organization.clock.nowMs()).toISOString() };
}

const checkSettings = fields({
  latency: duration,
  jitter: duration,
  order: oneOf('descending', 'ascending', 'shuffled'),
  tenant_in_both: flag,
  audit_logging: flag,
  vanished_cursor: oneOf('place', 400, 404, 'empty'),
  unknown_parameters: oneOf('reject', 'ignore'),
  admin_keys_hold_project_keys: flag,
  accounts_among_users: flag,
  missing_families: listOf(oneOf(...new Set(ROUTES.map(({ family }) => family)))),
  missing_status: oneOf(403, 404),
});

function setSettings(emulator: Emulator, body: unknown): unknown {
  const given = checkSettings(body, 'body');
  const change: { [K in keyof Settings]: Settings[K] | undefined } = {
    latencyMs: given.latency,
    jitterMs: given.jitter,
    order: given.order,
    tenantInBoth: given.tenant_in_both,
    auditLogging: given.audit_logging,
    vanishedCursor: given.vanished_cursor,
    unknownParameters: given.unknown_parameters,
    adminKeysHoldProjectKeys: given.admin_keys_hold_project_keys,
    accountsAmongUsers: given.accounts_among_users,
    missingFamilies: given.missing_families,
    missingStatus: given.missing_status,
  };
  emulator.configure(Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)));
  return emulator.settings;
}
