import { readFile } from 'node:fs/promises';

/** Of package.json, which lies one folder above this file, in the sources as in the build. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
