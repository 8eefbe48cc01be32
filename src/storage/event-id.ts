/** How an event's id stands in the ledger: a BLOB of 18 bytes for the API's usual form, TEXT for nearly all others. */
export type PackedId = string | Uint8Array;

const PREFIX = 'audit_log-';
/** In ASCII order, so that packed ids sort like their texts. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** By the code of a digit's character. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, DIGITS.indexOf(String.fromCharCode(code))));
const USUAL = /^audit_log-[0-9A-Za-z]{24}$/;
/** Two digits each, by their number. */
const PAIRS = Array.from({ length: 62 * 62 }, (_, n) => DIGITS.charAt(Math.floor(n / 62)) + DIGITS.charAt(n % 62));
/** 62^6 < 2^36: six digits fill four and a half bytes, so two such groups fill nine. */
const GROUP = 6;
const PACKED_BYTES = 18;
const HALF_BYTES = 9;

/** Reversible for every string: a lone surrogate, which SQLite's UTF-8 cannot hold, makes a BLOB of odd length. */
export function packId(uid: string): PackedId {
  if (USUAL.test(uid)) return packUsual(uid);
  return uid.isWellFormed() ? uid : Buffer.concat([Buffer.of(0), Buffer.from(uid, 'utf16le')]);
}

export function unpackId(id: PackedId): string {
  if (typeof id === 'string') return id;
  if (id.length !== PACKED_BYTES) return Buffer.from(id.subarray(1)).toString('utf16le');
  const view = new DataView(id.buffer, id.byteOffset, id.byteLength);
  return PREFIX + unpackHalf(view, 0) + unpackHalf(view, HALF_BYTES);
}

/** In SQL: ids packed into a BLOB, which sort as their texts do. */
export const IS_USUAL = `typeof(id) = 'blob' AND length(id) = ${PACKED_BYTES}`;

/** The id as a backend holds it, in UTF-8: BLOBs compare like these bytes. */
export function uidBytes(id: PackedId): Uint8Array {
  return Buffer.from(unpackId(id).toWellFormed());
}

/** 32 bits, signed (SQLite then needs four bytes): FNV-1a over the code units. Part of the schema: never changes. */
export function hashId(uid: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < uid.length; index += 1) hash = Math.imul(hash ^ uid.charCodeAt(index), 0x01000193);
  return hash | 0;
}

function packUsual(uid: string): Uint8Array {
  const bytes = new Uint8Array(PACKED_BYTES);
  const view = new DataView(bytes.buffer);
  for (const half of [0, 1]) {
    const start = PREFIX.length + half * 2 * GROUP;
    packHalf(view, half * HALF_BYTES, digitsToNumber(uid, start), digitsToNumber(uid, start + GROUP));
  }
  return bytes;
}

/** 36 bits of `high`, then 36 bits of `low`. */
function packHalf(view: DataView, offset: number, high: number, low: number): void {
  view.setUint32(offset, Math.floor(high / 16));
  view.setUint8(offset + 4, (high % 16) * 16 + Math.floor(low / 2 ** 32));
  view.setUint32(offset + 5, low % 2 ** 32);
}

function unpackHalf(view: DataView, offset: number): string {
  const middle = view.getUint8(offset + 4);
  const high = view.getUint32(offset) * 16 + Math.floor(middle / 16);
  const low = (middle % 16) * 2 ** 32 + view.getUint32(offset + 5);
  return numberToDigits(high) + numberToDigits(low);
}

function digitsToNumber(text: string, start: number): number {
  let value = 0;
  for (let index = start; index < start + GROUP; index += 1) {
    value = value * 62 + (VALUES[text.charCodeAt(index)] ?? 0);
  }
  return value;
}

function numberToDigits(value: number): string {
  const high = Math.floor(value / 62 ** 4);
  const middle = Math.floor(value / 62 ** 2) % 62 ** 2;
  return `${PAIRS[high]}${PAIRS[middle]}${PAIRS[value % 62 ** 2]}`;
}
