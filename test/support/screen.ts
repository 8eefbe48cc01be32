/** The lines that a terminal shows after this was written to it, as far as one's own output steers it. */
export function screenOf(written: string): readonly string[] {
  let lines = [''];
  let row = 0;
  for (const [part] of written.matchAll(/\p{Cc}(?:\[\d[A-Z])?|\P{Cc}+/gu)) {
    if (part === '\u001b[1A') row -= 1;
    else if (part === '\u001b[2K') lines[row] = '';
    else if (part === '\n') {
      row += 1;
      lines[row] ??= '';
    } else if (part !== '\r') lines[row] += part;
  }
  // What was cleared below the cursor is nothing to see.
  while (lines.length > row + 1 && lines.at(-1) === '') lines = lines.slice(0, -1);
  return lines;
}
