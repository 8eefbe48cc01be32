import { jsonText } from '../json-text.ts';
import type { Value } from '../record.ts';
import { ATTRIBUTE } from './attribute-names.ts';

/** Loki refuses a record with more than 128 attributes or 64 KiB of them; resource, scope and Loki's own count too. */
export const LIMITS = { attributes: 100, bytes: 48 * 1024 } as const;

/** UTF-8 has at most three bytes for a UTF-16 unit; escaped in JSON it has at most six. */
const MOST_BYTES_PER_UNIT = { utf8: 3, json: 6 } as const;
const LONGEST_SCALAR = 24;

/**
 * The attributes of one record, added the most important first. One that does not fit is passed over, one whose name is
 * taken too, and the mark says that it happened.
 */
export class LimitedAttributes {
  readonly #kept: Record<string, Value> = {};
  readonly #mark: string;
  /** What the mark takes, which may become necessary at the end. */
  readonly #markBytes: number;
  #left = LIMITS.attributes - 1;
  #bytesLeft: number;
  /** Sizes are estimated from above, until they seem not to fit. */
  #isExact = false;
  #truncated = false;

  /** `mark` is the attribute that says when something did not fit. */
  constructor(mark: string = ATTRIBUTE.truncated) {
    this.#mark = mark;
    this.#markBytes = sizeBytes(mark, true);
    this.#bytesLeft = LIMITS.bytes - this.#markBytes;
  }

  /** No further attribute fits. */
  get isFull(): boolean {
    return this.#left === 0;
  }

  add(name: string, value: Value | undefined): void {
    if (value === undefined) return;
    if (this.isFull || Object.hasOwn(this.#kept, name)) {
      this.mark();
      return;
    }
    const size = this.#isExact ? sizeBytes(name, value) : mostBytes(name, value);
    if (size <= this.#bytesLeft) {
      this.#kept[name] = value;
      this.#left -= 1;
      this.#bytesLeft -= size;
    } else if (this.#isExact) {
      this.mark();
    } else {
      this.#count();
      this.add(name, value);
    }
  }

  /** Something that the event says is not told by the attributes. */
  mark(): void {
    this.#truncated = true;
  }

  done(): Record<string, Value> {
    if (this.#truncated) this.#kept[this.#mark] = true;
    return this.#kept;
  }

  #count(): void {
    const bytes = Object.entries(this.#kept).reduce((sum, [name, value]) => sum + sizeBytes(name, value), 0);
    this.#bytesLeft = LIMITS.bytes - this.#markBytes - bytes;
    this.#isExact = true;
  }
}

function mostBytes(name: string, value: Value): number {
  const { utf8, json } = MOST_BYTES_PER_UNIT;
  if (typeof value === 'string') return (name.length + value.length) * utf8;
  if (typeof value !== 'object' || value === null) return name.length * utf8 + LONGEST_SCALAR;
  if (!Array.isArray(value)) return sizeBytes(name, value);
  let units = 0;
  for (const item of value) {
    if (typeof item !== 'string') return sizeBytes(name, value);
    units += item.length + 1;
  }
  return name.length * utf8 + units * json;
}

/** Bytes as Loki counts them: an array is its JSON text. One with too many members for any record is not written out. */
function sizeBytes(name: string, value: Value): number {
  if (Array.isArray(value) && value.length > LIMITS.bytes) return value.length;
  const text = typeof value === 'object' && value !== null ? jsonText(value) : String(value);
  return Buffer.byteLength(name) + Buffer.byteLength(text);
}
