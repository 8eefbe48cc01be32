import { setTimeout as delay } from 'node:timers/promises';
import { EVERY_ROUTE } from '../../../src/emulator/rate-limits.ts';
import { until } from '../../../test/support/process.ts';
import type { Figure, Measure } from '../figure.ts';
import { DAY_S, HOUR_S, type Scene, withScene } from '../scene.ts';

const HISTORY = 200;
const STORM = 50_000;
/** Of the events, where the tenant stream is read: one that never listed any would be asked every 15 minutes only. */
const TENANT_SHARE = 0.2;
const MOST_BESIDE = 100_000;
/** Promise: a poll and 2 s. */
const BESIDE_MS = 2_000;
const MINUTE_MS = 60_000;
const BOUND_MS = 10 * MINUTE_MS;

interface Situation {
  readonly name: string;
  readonly streams: readonly string[];
  readonly pollMs: number;
  /** What a poll is by the promise, where it is not `pollMs`. */
  readonly promisedPollMs?: number;
  /** Between two events. */
  readonly everyMs: number;
  /** Events that are there before the collector is. */
  readonly history: number;
  /** So long at the beginning a limit is being learned, of which promise 8 speaks only then: told in a row of its own. */
  readonly learningMs?: number;
  /** Whether events are measured before the history has been delivered. */
  readonly besideHistory?: boolean;
  /** What happens right before the first event that is measured; resolves once these have been long enough. */
  play(scene: Scene): Promise<void>;
}

/** What live events wait for, each the newest when it becomes visible, until the backend has them. */
export const delays: Measure = {
  name: 'delay',
  async run(most) {
    // They wait far more than they work, and are measured at once.
    const figures = (await Promise.all(CALM.map(measure))).flat();
    for (const situation of busy(Math.min(most, MOST_BESIDE))) figures.push(...(await measure(situation)));
    return figures;
  },
};

const CALM: readonly Situation[] = [
  {
    name: 'under a silent limit of 20 requests a minute',
    streams: ['organization'],
    pollMs: 1_000,
    promisedPollMs: MINUTE_MS / 10,
    everyMs: 1_000,
    history: HISTORY,
    learningMs: 2 * MINUTE_MS,
    async play({ stage }) {
      stage.emulator.limit(EVERY_ROUTE, { requests: 20, perMs: MINUTE_MS, retryAfter: false });
      await delay(6 * MINUTE_MS);
    },
  },
  {
    name: 'in a quiet hour, polled every 30 s',
    streams: ['organization'],
    pollMs: 30_000,
    promisedPollMs: MINUTE_MS,
    everyMs: 25_000,
    history: HISTORY,
    play: () => delay(4 * MINUTE_MS),
  },
];

function busy(backfilled: number): readonly Situation[] {
  return [
    {
      name: `in a storm of ${STORM.toLocaleString('en-US')}`,
      streams: ['organization', 'tenant'],
      pollMs: 1_000,
      everyMs: 1_000,
      history: HISTORY,
      async play({ sink, happened }) {
        happened(STORM, [5, 0], TENANT_SHARE);
        await until('the storm to be delivered', () => sink.arrivals.size >= STORM + HISTORY, BOUND_MS);
      },
    },
    {
      name: `beside a backfill of ${backfilled.toLocaleString('en-US')}`,
      streams: ['organization'],
      pollMs: 1_000,
      everyMs: 1_000,
      history: backfilled,
      besideHistory: true,
      play: ({ sink }) => until('the history to be delivered', () => sink.arrivals.size >= backfilled, BOUND_MS),
    },
  ];
}

function measure(situation: Situation): Promise<readonly Figure[]> {
  const { streams, pollMs, promisedPollMs = pollMs, history } = situation;
  const auditLogs = { streams, poll_interval: `${pollMs / 1000}s`, settle: '10s' };
  return withScene(auditLogs, async scene => {
    scene.happened(history, [30 * DAY_S, 2 * HOUR_S], streams.includes('tenant') ? TENANT_SHARE : 0);
    await scene.stage.run([], scene.environment);
    const isReady = () => scene.sink.arrivals.size >= (situation.besideHistory ? 1 : history);
    await until('the collector to be at work', isReady, BOUND_MS);
    const { learningMs = 0 } = situation;
    const all = await newest(scene, situation);
    const learning = all.slice(0, Math.floor(learningMs / situation.everyMs));
    const waited = sorted(all.slice(learning.length));
    const what = `visible to delivered, ${situation.name}`;
    const figure = { unit: 'ms', ours: quantile(waited, 0.99) } as const;
    const most = { of: 'ours', value: promisedPollMs + BESIDE_MS } as const;
    const learned: readonly Figure[] = [
      { what: `${what}: median`, unit: 'ms', ours: quantile(waited, 0.5) },
      { what: `${what}: p99 of ${waited.length}`, ...figure, most },
    ];
    if (learning.length === 0) return learned;
    const minutes = learningMs / MINUTE_MS;
    const longest = `${what}, longest in the ${minutes} minutes of learning it`;
    return [{ what: longest, unit: 'ms', ours: Math.max(...learning) }, ...learned];
  });
}

/** Lets one event after the other happen while the situation lasts. How long each waited, in milliseconds, in their order. */
async function newest(scene: Scene, { play, everyMs }: Situation): Promise<readonly number[]> {
  const listedAtMs = new Map<string, number>();
  const over = new AbortController();
  const played = play(scene).finally(() => over.abort());
  while (!over.signal.aborted) {
    for (const id of scene.happened(1, [0, 0])) listedAtMs.set(id, Date.now());
    await delay(everyMs, undefined, { signal: over.signal }).catch(() => undefined);
  }
  await played;
  const { arrivals } = scene.sink;
  await until('the last event to be delivered', () => [...listedAtMs.keys()].every(id => arrivals.has(id)), BOUND_MS);
  return Array.from(listedAtMs, ([id, atMs]) => Math.max(0, (arrivals.get(id) ?? Number.POSITIVE_INFINITY) - atMs));
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

function quantile(ascending: readonly number[], part: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))] ?? Number.NaN;
}
