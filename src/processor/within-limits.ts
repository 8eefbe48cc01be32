import type { Value } from '../record.ts';
import { ATTRIBUTE } from './attribute-names.ts';
import { jsonText } from './json-text.ts';

/** Loki refuses a record with more than 128 attributes or 64 KiB of them; resource, scope and Loki's own count too. */
export const LIMITS = { attributes: 100, bytes: 48 * 1024 } as const;

/** A name and what may stand there; nothing stands there for `undefined`. */
export type Candidate = readonly [name: string, value: Value | undefined];

const MARK: Candidate = [ATTRIBUTE.truncated, true];

/**
 * The candidates that fit, most important first: one that is too large is passed over, one whose name is taken too,
 * and the mark says that it happened.
 */
export function withinLimits(candidates: Iterable<Candidate>): Record<string, Value> {
  const kept: Record<string, Value> = {};
  let left = LIMITS.attributes - 1;
  let bytesLeft = LIMITS.bytes - sizeBytes(...MARK);
  let truncated = false;
  for (const [name, value] of candidates) {
    if (value === undefined) continue;
    const size = sizeBytes(name, value);
    if (left === 0 || size > bytesLeft || Object.hasOwn(kept, name)) {
      truncated = true;
    } else {
      kept[name] = value;
      left -= 1;
      bytesLeft -= size;
    }
  }
  if (truncated) kept[ATTRIBUTE.truncated] = true;
  return kept;
}

/** Bytes as Loki counts them: an array is its JSON text. */
function sizeBytes(name: string, value: Value | undefined): number {
  const text = typeof value === 'object' && value !== null ? jsonText(value) : String(value);
  return Buffer.byteLength(name) + Buffer.byteLength(text);
}
