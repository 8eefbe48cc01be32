import { readFile, writeFile } from 'node:fs/promises';

/** A part of a document that is made from code, between `<!-- name:begin -->` and `<!-- name:end -->`. */
export interface Part {
  readonly file: URL;
  readonly name: string;
  readonly text: string;
}

/** What stands between the markers; undefined unless each stands there once. */
export function partIn(document: string, name: string): string | undefined {
  const [, afterBegin, ...begins] = document.split(`<!-- ${name}:begin -->`);
  const [inside, after, ...ends] = (afterBegin ?? '').split(`<!-- ${name}:end -->`);
  return after === undefined || begins.length + ends.length > 0 ? undefined : inside?.trim();
}

/** @throws Error when the document lacks the markers. */
export async function write({ file, name, text }: Part): Promise<void> {
  const document = await readFile(file, 'utf8');
  if (partIn(document, name) === undefined) throw new Error(`${file.pathname} lacks the markers of ${name}`);
  const [before] = document.split(`<!-- ${name}:begin -->`);
  const [, after] = document.split(`<!-- ${name}:end -->`);
  await writeFile(file, `${before}<!-- ${name}:begin -->\n\n${text}\n\n<!-- ${name}:end -->${after}`);
}
