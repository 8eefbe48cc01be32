/** Letters that take no room, and those that take two places. */
const NONE = /\p{Mn}|\p{Me}|\p{Cf}/u;
const TWO =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Places that a text takes on a terminal. */
export function widthOf(text: string): number {
  // Most texts are ASCII, and many are long.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...text].reduce((width, letter) => width + placesOf(letter), 0);
}

/** At most `width` places, the last of which says that something is missing. */
export function clipped(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let places = 0;
  for (const letter of text) {
    places += placesOf(letter);
    if (places > width - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}

export function padded(text: string, width: number, at: 'start' | 'end' = 'end'): string {
  const blank = ' '.repeat(Math.max(0, width - widthOf(text)));
  return at === 'start' ? blank + text : text + blank;
}

function placesOf(letter: string): number {
  if (NONE.test(letter)) return 0;
  return TWO.test(letter) ? 2 : 1;
}
