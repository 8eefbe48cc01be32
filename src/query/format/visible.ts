/** C0, DEL and C1 (terminal escapes), line separators, and the marks that reorder text on a screen. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text on one line of which nothing moves a terminal's cursor: as `\u001b`, which in JSON says the same as before. */
export function visible(text: string): string {
  return text.replace(CONTROLS, each => SHORT[each] ?? `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same, in which line breaks and tabs stay. */
export function harmless(text: string): string {
  return text.replace(CONTROLS, each => (each in SHORT ? each : visible(each)));
}
