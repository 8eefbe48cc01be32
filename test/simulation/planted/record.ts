import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './bug.ts';

/** By the bug's name: the seed that finds it, and how many seeds it took until then. */
export type Recorded = Readonly<Record<string, Found>>;

export interface Found {
  readonly seed: number;
  readonly after: number;
  readonly judges: readonly string[];
}

const RECORDED = fileURLToPath(new URL('recorded.json', import.meta.url));
const GUARANTEE = fileURLToPath(new URL('../../../docs/guarantee.md', import.meta.url));
const TABLE = {
  from: '<!-- planted bugs: written by npm run simulate:planted -- --record -->',
  to: '<!-- planted bugs end -->',
};

export async function readRecorded(): Promise<Recorded> {
  return JSON.parse(await readFile(RECORDED, 'utf8').catch(() => '{}'));
}

/** Writes what was found down, and into the table of docs/guarantee.md. */
export async function record(bugs: readonly PlantedBug[], found: Recorded): Promise<void> {
  const known = bugs.flatMap(({ name }) => (found[name] === undefined ? [] : [[name, found[name]] as const]));
  await writeFile(RECORDED, `${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`);
  const page = await readFile(GUARANTEE, 'utf8');
  const [start, end] = [page.indexOf(TABLE.from), page.indexOf(TABLE.to)];
  if (start < 0 || end < start) throw new Error(`${GUARANTEE} has no place for the table of planted bugs`);
  const table = [
    '| planted bug | imitates | histories until found, at most | by |',
    '|---|---|---|---|',
    ...bugs.map(({ name, imitates }) => {
      const { after, judges } = found[name] ?? { after: 'not found', judges: [] };
      return `| ${name} | ${imitates} | ${after} | ${judges.join(', ')} |`;
    }),
  ];
  await writeFile(GUARANTEE, `${page.slice(0, start)}${TABLE.from}\n\n${table.join('\n')}\n\n${page.slice(end)}`);
}
