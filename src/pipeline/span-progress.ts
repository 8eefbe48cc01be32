import { gaps, type Interval } from '../coverage/intervals.ts';
import type { Task, Work } from '../progress/progress.ts';
import type { Receiver, WalkPage } from '../receiver/receiver.ts';
import type { Source } from './source.ts';

/** Events of a full page. */
const PAGE = 100;

/** How far a reading of event time is, page by page: under a low limit a single slice takes minutes. */
export class SpanProgress {
  readonly #source: Source;
  readonly #kind: Work['kind'];
  readonly #open: () => readonly Interval[];
  #task: Task | undefined;
  #doneS = 0;
  #events = 0;
  /** Read, and open until it is delivered. */
  #read: readonly Interval[] = [];
  #facts: Readonly<Record<string, string | number | undefined>> = {};

  /** `open` tells what is still to be dealt with: disjoint, ascending. */
  constructor(source: Source, kind: Work['kind'], open: () => readonly Interval[]) {
    this.#source = source;
    this.#kind = kind;
    this.#open = open;
  }

  /** The same receiver, whose pages count as read of a slice. */
  heard(receiver: Receiver, slice: Interval): Receiver {
    const hear = (page: WalkPage) => this.#hear(page, slice);
    return {
      async *walk(asked, signal) {
        for await (const page of receiver.walk(asked, signal)) {
          hear(page);
          yield page;
        }
      },
      boundsHold: () => receiver.boundsHold(),
    };
  }

  /** So many seconds are no longer open; `facts` are for the log. */
  done(seconds: number, facts = this.#facts): void {
    this.#facts = facts;
    this.#doneS += seconds;
    const open = this.#open();
    this.#read = this.#read.filter(span => open.some(({ from, to }) => from < span.to && span.from < to));
    this.#tell(open);
  }

  /** It is over, or goes on another time. */
  end(): void {
    this.#task?.end();
    this.#task = undefined;
    this.#doneS = 0;
    this.#events = 0;
    this.#read = [];
    this.#facts = {};
  }

  #hear({ events, ended, descending, oldest }: WalkPage, { from, to }: Interval): void {
    this.#events += events.length;
    const downTo = ended ? from : descending ? Math.max(from, Math.min(to, oldest ?? to)) : to;
    this.#read = [...this.#read.filter(span => span.to !== to), { from: downTo, to }].sort((a, b) => a.from - b.from);
    this.#tell(this.#open());
  }

  #tell(open: readonly Interval[]): void {
    const { feed, progress, leastMs } = this.#source;
    this.#task ??= progress.begin({ kind: this.#kind, ...feed.key, unit: 'seconds' });
    const unreadS = seconds(open.flatMap(span => gaps(this.#read, span)));
    const total = this.#doneS + seconds(open);
    const done = total - unreadS;
    // As dense as what was read, and no page less than full.
    const pagesLeft = done === 0 ? 0 : (unreadS / done) * (this.#events / PAGE);
    this.#task.reached({ done, total, leastMs: () => leastMs(pagesLeft), facts: this.#facts });
  }
}

function seconds(spans: readonly Interval[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
