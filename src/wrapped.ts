/**
 * Text in lines of at most `width` characters, broken between words; a longer word has a line of its own. The first begins
 * with `lead`, the others are indented as far.
 */
export function wrapped(text: string, width: number, lead = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && lead.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, i) => `${i === 0 ? lead : ' '.repeat(lead.length)}${each}`);
}
