const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
};

/** Bytes of `2MiB`, `500KB` or `4096`; undefined for any other text. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+) ?([A-Za-z]*)$/.exec(text);
  const unit = match === null ? undefined : UNIT_BYTES[match[2] ?? ''];
  const bytes = unit === undefined ? Number.NaN : Number(match?.[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
