import type { Life } from './life.ts';
import type { Trace } from './trace.ts';

/**
 * What may wait between the API's answer and the row that is written for it. 32 MiB of what was read ahead are kept
 * compressed, the slice under way holds 8 MiB and a page more: 45 MiB were the most that was seen.
 */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** Whether what was listed and has no row yet stays bounded, whatever the backlog. */
export class MemoryJudge {
  readonly #trace: Trace;
  readonly #held = new Map<string, number>();
  #life: Life | undefined;
  #characters = 0;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** A process was told of these events, each of so many characters. */
  listed(life: Life, sizes: ReadonlyMap<string, number>, isKnown: (uid: string) => boolean): void {
    if (life !== this.#life) {
      this.#life = life;
      this.#held.clear();
      this.#characters = 0;
    }
    for (const [uid, size] of sizes) {
      if (isKnown(uid) || this.#held.has(uid)) continue;
      this.#held.set(uid, size);
      this.#characters += size;
    }
    if (this.#characters <= MOST_CHARACTERS) return;
    this.#trace.violation('memory', `${this.#characters} characters of events wait`);
  }

  /** An event has its row. */
  known(uid: string): void {
    this.#characters -= this.#held.get(uid) ?? 0;
    this.#held.delete(uid);
  }
}
