import { readFile } from 'node:fs/promises';

const FOLDER = new URL('../../../docs/backends/', import.meta.url);

/** What a page of docs/backends shows to be typed: each command or query, its lines as they stand there, without comments. */
export async function shownIn(page: string): Promise<readonly string[]> {
  const text = await readFile(new URL(page, FOLDER), 'utf8');
  const shown: string[] = [];
  for (const line of text.split('\n')) {
    const code = /^ {4}(.*)$/.exec(line)?.[1];
    if (code === undefined || code.startsWith('#')) continue;
    // What is indented further goes on with what is above it.
    if (code.startsWith(' ')) shown.push(`${shown.pop()}\n${code}`);
    else shown.push(code);
  }
  return shown;
}
