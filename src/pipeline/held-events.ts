import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ListedEvent } from '../api/audit-log.ts';
import { oldestFirst } from './feed.ts';

/** What tells events apart and orders them, without their text. */
export type Head = Omit<ListedEvent, 'text'>;

interface HeldPage {
  readonly heads: readonly (Head & { readonly place: number })[];
  readonly texts: Buffer;
}

/** A text that is valid JSON on one line has no line end of its own. */
const BETWEEN = '\n';
/** Audit events repeat themselves: the fastest level makes a tenth of them. */
const LEVEL = 1;

/** Events that wait in memory: their texts compressed page by page as they arrive, all else at hand. */
export class HeldEvents {
  readonly #pages: readonly HeldPage[];

  constructor(pages: readonly HeldPage[] = []) {
    this.#pages = pages;
  }

  get count(): number {
    return this.#pages.reduce((sum, { heads }) => sum + heads.length, 0);
  }

  /** Bytes that the texts take in memory. */
  get bytes(): number {
    return this.#pages.reduce((sum, { texts }) => sum + texts.length, 0);
  }

  get heads(): readonly Head[] {
    return this.#pages.flatMap(({ heads }) => heads);
  }

  with(events: readonly ListedEvent[]): HeldEvents {
    if (events.length === 0) return this;
    const heads = events.map(({ text: _, ...head }, place) => ({ ...head, place }));
    const texts = deflateRawSync(events.map(({ text }) => text).join(BETWEEN), { level: LEVEL });
    return new HeldEvents([...this.#pages, { heads, texts }]);
  }

  only(belongs: (head: Head) => boolean): HeldEvents {
    const pages = this.#pages.map(({ heads, texts }) => ({ heads: heads.filter(belongs), texts }));
    return new HeldEvents(pages.filter(({ heads }) => heads.length > 0));
  }

  oldestFirst(): readonly ListedEvent[] {
    return oldestFirst(this.#pages.flatMap(unpack));
  }
}

function unpack({ heads, texts }: HeldPage): readonly ListedEvent[] {
  const unpacked = inflateRawSync(texts).toString().split(BETWEEN);
  return heads.map(({ place, ...head }) => ({ ...head, text: unpacked[place] ?? '' }));
}
