import { readFile, writeFile } from 'node:fs/promises';

const README = new URL('../README.md', import.meta.url);

/** Puts a bench's table between its markers in README.md; says so when it has none. */
export async function writeReadme(bench: string, content: string): Promise<void> {
  const written = withTable(await readFile(README, 'utf8'), bench, content);
  if (written === undefined) process.stderr.write('README.md has no place for the table: the markers are missing\n');
  else await writeFile(README, written);
}

/** The document with a bench's table between its markers; undefined when it has none. */
export function withTable(document: string, bench: string, content: string): string | undefined {
  const begin = `<!-- bench:${bench}:begin -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(`<!-- bench:${bench}:end -->`);
  if (from < 0 || to < from) return undefined;
  return `${document.slice(0, from + begin.length)}\n${content}${document.slice(to)}`;
}
