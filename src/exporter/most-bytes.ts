import type { LogRecord, Value } from '../record.ts';
import { isCarried, isRenamed } from './safe-value.ts';

/** Deeper values travel in another form. */
const DEEPEST = 60;
/** The names of all fields, and the times and numbers, of a request, its resource, its scope and its record. */
const ENVELOPE = 480;
/** `{"key":"","value":},` */
const KEY = 21;
/** `{"stringValue":""},` */
const TEXT = 20;
/** `{"doubleValue":},` and the longest number. */
const NUMBER = 48;
/** `{"kvlistValue":{"values":[]}},` */
const CONTAINER = 32;
/** The size of what only its encoding tells. */
const ODD = Number.POSITIVE_INFINITY;

/**
 * What a request with this record alone takes at most, in either encoding, before compression: to encode it for that
 * would cost as much as to send it. Undefined for a record with something odd in it, which becomes something else on
 * its way; any other is carried as it is.
 */
export function mostBytes({ resource, attributes, body, eventName }: LogRecord): number | undefined {
  const bytes =
    ENVELOPE +
    textBytes(eventName) +
    valueBytes(resource, 'attributes') +
    valueBytes(attributes, 'attributes') +
    valueBytes(body ?? null, 'body');
  return bytes === ODD ? undefined : bytes;
}

type Place = 'attributes' | 'body';

function valueBytes(value: Value | undefined, place: Place, depth = 0): number {
  switch (typeof value) {
    case 'string':
      return TEXT + textBytes(value);
    case 'number':
      return isCarried(value) ? NUMBER : ODD;
    case 'boolean':
      return NUMBER;
    case 'object':
      if (value === null) return CONTAINER;
      return depth < DEEPEST ? innerBytes(value, place, depth + 1) : ODD;
    default:
      return ODD;
  }
}

function innerBytes(value: readonly Value[] | { readonly [key: string]: Value }, place: Place, depth: number): number {
  let bytes = CONTAINER;
  if (isArray(value)) {
    for (let i = 0; i < value.length && bytes !== ODD; i += 1) bytes += valueBytes(value[i], place, depth);
    return bytes;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return ODD;
  for (const key of Object.keys(value)) {
    if (place === 'attributes' && isRenamed(key)) return ODD;
    bytes += KEY + textBytes(key) + valueBytes(value[key], place, depth);
    if (bytes === ODD) break;
  }
  return bytes;
}

/** As JSON writes it, in UTF-8. */
function textBytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20) bytes += 5;
    else if (unit === 0x22 || unit === 0x5c) bytes += 1;
    else if (unit >= 0x80) bytes += 2;
  }
  // Half a character is replaced, and then told from others.
  return bytes === text.length || text.isWellFormed() ? bytes : ODD;
}

/** Array.isArray does not narrow a readonly array. */
function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
