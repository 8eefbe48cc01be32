import type { Clock } from '../clock.ts';
import type { Output } from '../commands/command.ts';
import type { Logger } from '../log.ts';
import { Bars } from './bars.ts';
import { amount, percent, progressLines, SAID } from './line.ts';
import type { Task } from './progress.ts';
import { type UnderWay, Works } from './works.ts';

const FRAME_MS = 250;
/** What takes no longer needs no bar. */
const LEAST_MS = 1_000;
const MOST_BARS = 6;
const LOG_EVERY_MS = 60_000;
const COLUMNS = 80;
/** Behind a bar: a terminal shows `^C` there, and breaks the line that fills it, of which only a part could be cleared. */
const ROOM = 3;

/** What long work of a command says how far it is to, and what the command writes its log to. */
export interface Shown {
  readonly progress: Works;
  readonly log: Logger;
}

export interface ShownOptions {
  /** Where the log goes. */
  readonly stderr: Output;
  readonly clock: Clock;
  /** Whether a person watches: bars below the log, instead of a line of it a minute. */
  readonly bars: boolean;
  readonly openLog: (output: Output) => Logger;
}

/**
 * Shows how far long work is for as long as `work` takes: a bar each on a terminal, which are gone afterwards; elsewhere a
 * line of the log a minute each.
 */
export async function withProgress<T>(
  { stderr, clock, bars: isWatched, openLog }: ShownOptions,
  work: (shown: Shown) => Promise<T>,
): Promise<T> {
  const works = new Works(clock);
  const bars = isWatched ? new Bars(stderr) : undefined;
  const log = openLog(bars ?? stderr);
  const ended = new AbortController();
  const showing = bars === undefined ? say(works, log, clock, ended.signal) : draw(works, bars, clock, ended.signal);
  try {
    return await work({ progress: works, log });
  } finally {
    ended.abort();
    await showing;
    bars?.show([]);
  }
}

async function draw(works: Works, bars: Bars, clock: Clock, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const long = works.underWay().filter(({ tookMs, total }) => tookMs >= LEAST_MS && total > 0);
    const width = (bars.columns ?? COLUMNS) - ROOM;
    bars.show(progressLines(long.slice(0, MOST_BARS), width));
    await clock.sleep(FRAME_MS, ended).catch(() => undefined);
  }
}

async function say(works: Works, log: Logger, clock: Clock, ended: AbortSignal): Promise<void> {
  const said = new WeakMap<Task, number>();
  while (!ended.aborted) {
    for (const each of works.underWay()) {
      if (each.tookMs - (said.get(each.task) ?? 0) < LOG_EVERY_MS) continue;
      said.set(each.task, each.tookMs);
      sayOne(each, log);
    }
    await clock.sleep(LEAST_MS, ended).catch(() => undefined);
  }
}

function sayOne(work: UnderWay, log: Logger): void {
  const { organization, stream, leftMs, facts } = work;
  log.info(SAID[work.kind], {
    organization,
    stream,
    percent: percent(work),
    done: amount(work),
    left_s: leftMs === undefined ? undefined : Math.ceil(leftMs / 1000),
    ...facts,
  });
}
