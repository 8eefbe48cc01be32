import { createEmulator } from '../../src/emulator/emulator.ts';
import type { Size } from '../../src/emulator/story/site.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { collecting, HOUR_MS, MINUTE_MS } from './collecting.ts';
import { createFakeClock } from './fake-clock.ts';
import { GraphOfRecords } from './graph-of-records.ts';

const PER_MINUTE = 10;

/** What a first reading came to that was allowed ten requests a minute of each route, and was not told so. */
export interface LimitedCrawl {
  readonly tookMs: number;
  /** The first ten requests of a route go at once, and then ten a minute. */
  readonly leastMs: number;
  readonly complete: unknown;
  /** How long it would take and when it would be over, as it was said, in milliseconds since the start. */
  readonly plans: readonly { readonly aboutMs: number; readonly endsMs: number }[];
  /** Things that were not told of within their report interval. */
  readonly overdue: readonly string[];
}

export async function crawlLimited(size: Size, intervalMs: number): Promise<LimitedCrawl> {
  const clock = createFakeClock();
  const startedMs = clock.nowMs();
  const content = { kind: 'story', seed: 'large', historyMs: HOUR_MS, size } as const;
  const emulator = createEmulator({ content, clock });
  emulator.limit('*', { requests: PER_MINUTE, perMs: MINUTE_MS, retryAfter: false });
  const storage = await openStorage(':memory:');
  const collector = await collecting({ enabled: false }, { clock, emulator, storage }, { enabled: true, intervalMs });
  const snapshot = () => collector.delivered.find(({ record }) => record.eventName === 'openai.inventory.snapshot');
  const graph = new GraphOfRecords();
  const overdue = new Set<string>();
  for (let heard = 0; snapshot() === undefined && clock.monotonicMs() < 24 * HOUR_MS; ) {
    await clock.advance(5 * MINUTE_MS);
    for (const { record } of collector.delivered.slice(heard)) graph.hear(record);
    heard = collector.delivered.length;
    for (const name of graph.overdue(clock.nowMs())) overdue.add(name);
  }
  const answered = Object.values(emulator.requests.counts()).map(counts =>
    Object.entries(counts).reduce((sum, [status, count]) => sum + (status === '429' ? 0 : count), 0),
  );
  await collector.stop();
  return {
    tookMs: snapshot()?.atMs ?? Number.POSITIVE_INFINITY,
    leastMs: (Math.max(...answered) / PER_MINUTE - 1) * MINUTE_MS,
    complete: snapshot()?.record.attributes['openai.inventory.snapshot.complete'],
    plans: collector.lines.flatMap(line => planIn(line, startedMs)),
    overdue: [...overdue],
  };
}

function planIn(line: string, startedMs: number): LimitedCrawl['plans'] {
  const [, at = '', aboutS = ''] = /^(\S+) .*inventory (?:begins|takes longer).* about_s=(\d+)/.exec(line) ?? [];
  const aboutMs = Number(aboutS) * 1000;
  return at === '' ? [] : [{ aboutMs, endsMs: Date.parse(at) - startedMs + aboutMs }];
}
