import type { OrganizationConfig } from '../config/config.ts';
import { CollectorError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { BackfillProgress } from './backfill-progress.ts';
import { Condition, handled } from './condition.ts';
import { readable, SilenceWatch, tell, troubled } from './feed-condition.ts';
import { GapFiller } from './gap.ts';
import { FOREIGN, identify, learnTime } from './identity.ts';
import { pruneLoop } from './prune.ts';
import { Reverifier } from './reverify.ts';
import type { Source } from './source.ts';
import { MOST_PAGES, pollTail } from './tail.ts';
import { together } from './together.ts';

/** A stream that never listed an event is asked this often. */
const EMPTY_INTERVAL_MS = 15 * 60_000;
const IDLE_INTERVAL_MS = 60_000;
/** Polls without an event after which a stream counts as idle. */
const IDLE_POLLS = 10;
/** Coverage that grew without an event is written this often, so that an idle poll writes nothing. */
const SAVE_MS = 5 * 60_000;
/** The tail covers the live end by itself; only a gap that it left open this long is read. */
const LIVE_END_S = 15 * 60;
/** The first poll of the tail, which a backfill waits for, takes about as long. */
const BEFORE_START_MS = 500;

/** Keeps one organization's streams collected until the signal aborts. Throws only what nobody can handle. */
export async function runOrganization(
  config: OrganizationConfig,
  sources: readonly Source[],
  storage: Storage,
  signal: AbortSignal,
): Promise<void> {
  await together(
    [
      ...sources.map(source => (stop: AbortSignal) => runSource(config, source, sources, storage, stop)),
      stop => pruneLoop(config.name, sources, storage, stop),
    ],
    signal,
  );
}

async function runSource(
  config: OrganizationConfig,
  source: Source,
  sources: readonly Source[],
  storage: Storage,
  signal: AbortSignal,
) {
  const condition = new Condition(source);
  try {
    await untilIdentified(source, sources, storage, condition, signal);
    await together(
      [
        stop => tailLoop(config, source, new SilenceWatch(source, storage), condition, stop),
        stop => gapLoop(source, condition, stop),
        stop => reverifyLoop(source, condition, stop),
      ],
      signal,
    );
  } finally {
    await source.pipeline.save(source.feed);
  }
}

async function untilIdentified(
  source: Source,
  sources: readonly Source[],
  storage: Storage,
  condition: Condition,
  signal: AbortSignal,
) {
  for (;;) {
    try {
      await learnTime(source, signal);
      if (source.time.estimateS() === undefined) {
        source.log.warn('the answers of the API have no Date: new events are delivered, and no history is', {
          code: 'api-no-date',
        });
      }
      const identity = await identify(source, sources, storage, signal);
      if (identity === 'same') return;
      if (identity === 'empty') {
        source.log.warn('the API no longer lists anything where the newest known events were; going on', {
          code: 'listing-moved',
        });
        return;
      }
      throw new CollectorError('misconfigured', FOREIGN);
    } catch (error) {
      await failed(source, condition, handled(error, signal));
    }
    await source.clock.sleep(condition.waitMs(source), signal);
  }
}

async function tailLoop(
  config: OrganizationConfig,
  source: Source,
  silence: SilenceWatch,
  condition: Condition,
  signal: AbortSignal,
) {
  const { feed, clock, log, pipeline } = source;
  let quietPolls = 0;
  let savedMs = clock.monotonicMs();
  for (;;) {
    const startedMs = clock.monotonicMs();
    try {
      const poll = await pollTail(source, MOST_PAGES, signal);
      feed.sawLive(startedMs);
      condition.succeeded();
      await tell(source, readable(source, await silence.look(poll.found)));
      quietPolls = poll.found === 0 ? quietPolls + 1 : 0;
      if (poll.found > 0) log.info('delivered', { mode: 'live', events: poll.found, late: poll.late });
      if (clock.monotonicMs() - savedMs >= SAVE_MS) {
        await pipeline.save(feed);
        savedMs = clock.monotonicMs();
      }
    } catch (error) {
      await failed(source, condition, handled(error, signal));
    }
    await clock.sleep(tailWaitMs(config, source, condition, quietPolls), signal);
  }
}

async function failed(source: Source, condition: Condition, trouble: CollectorError) {
  condition.failed(trouble);
  const change = troubled(source, trouble, condition.failures);
  if (change !== undefined) await tell(source, change);
}

function tailWaitMs({ auditLogs }: OrganizationConfig, source: Source, condition: Condition, quietPolls: number) {
  if (condition.held) return condition.waitMs(source);
  const { pollIntervalMs } = auditLogs;
  if (!source.feed.state.listed && source.feed.key.stream === 'tenant') return EMPTY_INTERVAL_MS;
  // What came since the poll before has waited for one already.
  if (condition.failing) return condition.waitMs(source);
  if (quietPolls === 0) return pollIntervalMs / 2;
  if (quietPolls < IDLE_POLLS) return pollIntervalMs;
  return Math.max(pollIntervalMs, Math.min(2 * pollIntervalMs, IDLE_INTERVAL_MS));
}

async function gapLoop(source: Source, tail: Condition, signal: AbortSignal) {
  const { feed, clock, time } = source;
  const condition = new Condition(source);
  const progress = new BackfillProgress(source);
  const filler = new GapFiller(source, progress);
  for (;;) {
    const nowS = time.estimateS();
    const end = nowS === undefined ? undefined : feed.settledBefore(nowS);
    let filled: Awaited<ReturnType<GapFiller['step']>>;
    let isFull = false;
    try {
      if (end !== undefined && feed.started && feed.state.listed && !tail.failing) {
        filled = await filler.step(openEnd(source, end, filler), signal);
        isFull = filled === undefined;
        if (!filler.isInTrouble) condition.succeeded();
      }
    } catch (error) {
      condition.failed(handled(error, signal));
    }
    if (filled !== undefined) {
      progress.filled(filled);
      continue;
    }
    if (isFull) progress.ended();
    const idleMs = feed.started ? feed.config.pollIntervalMs : BEFORE_START_MS;
    await clock.sleep(condition.failing ? condition.waitMs(source) : idleMs, signal);
  }
}

async function reverifyLoop(source: Source, tail: Condition, signal: AbortSignal) {
  const { feed, clock, log, time } = source;
  const condition = new Condition(source);
  const reverifier = new Reverifier(source);
  for (;;) {
    const nowS = time.estimateS();
    let read: Awaited<ReturnType<Reverifier['step']>>;
    try {
      if (nowS !== undefined && feed.started && !tail.failing) read = await reverifier.step(nowS, signal);
      condition.succeeded();
    } catch (error) {
      condition.failed(handled(error, signal));
    }
    if (read !== undefined && read.late > 0) log.info('delivered', { mode: 'late', events: read.late });
    if (read !== undefined) continue;
    await clock.sleep(condition.failing ? condition.waitMs(source) : feed.config.pollIntervalMs, signal);
  }
}

/**
 * The live end is the tail's: a gap there waits until it should fill a page, or only until the next poll where the tail
 * left it behind; else it would be read second by second.
 */
function openEnd({ feed }: Source, end: number, { pageS, isAtWork }: GapFiller): number {
  const open = feed.gaps(end, Number.POSITIVE_INFINITY).at(-1);
  if (open?.to !== end || isAtWork) return end;
  const worthS = Math.max(feed.config.pollIntervalMs / 1000, feed.liveIsWhole ? pageS : 0);
  return open.to - open.from < Math.min(LIVE_END_S, worthS) ? open.from : end;
}
