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

/**
 * Text whose lines are longer than `width` broken between words. What goes on stands below where the line began, behind
 * its place in a file (`12:5 `).
 */
export function folded(text: string, width: number): string {
  const lines = text.split('\n').flatMap(line => {
    if (line.length <= width) return [line];
    const [lead = ''] = /^\s*(?:\d+:\d+\s+)?/.exec(line) ?? [];
    return wrapped(line.slice(lead.length), width, lead);
  });
  return lines.join('\n');
}
