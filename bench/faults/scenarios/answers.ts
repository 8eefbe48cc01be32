import type { Fault } from '../../../src/emulator/fault.ts';
import type { Peers, Scenario } from '../scenario.ts';
import { DAY_S, HOUR_S, type World } from '../world.ts';

/** What a poll that broke off left behind is a gap, which is read when it has settled. */
const AUDIT_LOGS = { streams: ['organization'], settle: '5s' };
const SOON_MS = 20_000;

/** After a refusal a poll is what half of the learned limit gives. */
const AFTER_429_MS = 90_000;

/** What the API answers: each malformed answer, first in a backfill, then in a poll with 310 new events. */
export const answers: readonly Scenario[] = [
  answer(
    'repeated-cursor',
    'the same cursor again and again',
    { kind: 'repeated_cursor', times: 5 },
    { peers: { worst: '390 lost, or an endless loop', failed: '6 of 7' } },
  ),
  answer(
    'no-cursor',
    '`has_more` without a cursor',
    { kind: 'no_cursor' },
    { peers: { worst: '350 lost', failed: '4 of 7' } },
  ),
  answer(
    'truncated',
    'a truncated body for one poll',
    { kind: 'truncated' },
    { peers: { worst: '390 lost, or 100 doubled', failed: '4 of 7' } },
  ),
  answer(
    'status-500',
    'a 500 on page 3 of one poll',
    { kind: 'status', status: 500, skip: 2 },
    { peers: { worst: '350 lost', failed: '4 of 7' } },
  ),
  answer(
    'status-429',
    'a 429 without headers after page 3',
    { kind: 'status', status: 429, skip: 3 },
    { peers: { worst: '350 lost', failed: '4 of 7' }, onlyPoll: true, mostDelayMs: AFTER_429_MS },
  ),
  answer(
    'two-documents',
    'two documents in one body',
    { kind: 'two_documents' },
    { peers: { worst: '390 lost', failed: '1 of 7' } },
  ),
  answer('empty-page', 'an empty page after `has_more: true`', { kind: 'empty_page', cursor: true, skip: 1 }),
  answer('empty-page-no-cursor', 'an empty first page with `has_more: true`', { kind: 'empty_page' }),
  answer('known-page', 'a page with only events of pages before', { kind: 'ignored_cursor', skip: 1, times: 2 }),
  answer('other-span', 'events outside the span that was asked', { kind: 'ignored_span', times: 2 }),
  answer('not-json', 'a page of HTML with status 200', { kind: 'body', body: '<html>', contentType: 'text/html' }),
  answer('other-schema', 'a body that is not what the schema says', { kind: 'body', body: '{"object":"list"}' }),
  answer('oversized', 'a body over the size cap', { kind: 'oversized', bytes: 40 * 1024 * 1024, skip: 1 }),
  answer('cursor-400', 'a cursor that is not known any more', {
    kind: 'status',
    status: 400,
    query: 'after=',
  }),
  answer('no-date', 'answers without Date', { kind: 'headers', headers: { date: null }, times: 3 }),
  answer('reset', 'a connection reset', { kind: 'reset', skip: 1, times: 2 }),
  ordered('ascending', 'a list that is oldest first'),
  ordered('shuffled', 'a list in no order'),
];

interface More {
  readonly peers?: Peers;
  readonly mostDelayMs?: number;
  /** The backfill is spared. */
  readonly onlyPoll?: boolean;
}

function answer(name: string, fault: string, played: Fault, more: More = {}): Scenario {
  const { peers, mostDelayMs = SOON_MS, onlyPoll = false } = more;
  return {
    name,
    fault,
    ...(peers && { peers }),
    auditLogs: AUDIT_LOGS,
    mostDelayMs,
    play: world => historyThenPoll(world, { history: onlyPoll ? [] : [inSlices(played)], poll: [played] }),
  };
}

function ordered(order: 'ascending' | 'shuffled', fault: string): Scenario {
  return {
    name: order,
    fault,
    settings: { order },
    auditLogs: AUDIT_LOGS,
    mostDelayMs: SOON_MS,
    play: world => historyThenPoll(world, { history: [], poll: [] }),
  };
}

/** Met by the slices of the backfill, and not by the first requests, which only learn the API's time. */
function inSlices({ skip: _, query = 'effective_at[lte]=', ...fault }: Fault): Fault {
  return { ...fault, query };
}

async function historyThenPoll(
  world: World,
  faults: { readonly history: readonly Fault[]; readonly poll: readonly Fault[] },
) {
  world.happened({ count: 340, ago: [3 * DAY_S, 2 * HOUR_S] });
  world.api.addFaults(faults.history);
  await world.start();
  await world.delivered();
  mustBeMet(world, faults.history);
  world.api.clearFaults();
  world.api.addFaults(faults.poll);
  world.happens(310, { withinS: 3 });
  await world.delivered();
  mustBeMet(world, faults.poll);
}

/** A fault that nothing meets shows nothing. */
function mustBeMet({ api }: World, faults: readonly Fault[]): void {
  const unmet = faults.find(({ kind }) => !api.requests.last().some(({ fault }) => fault === kind));
  if (unmet !== undefined) throw new Error(`no request met ${JSON.stringify(unmet)}`);
}
