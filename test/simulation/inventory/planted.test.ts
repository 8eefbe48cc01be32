import { execFile } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { plant, uproot } from '../planted/plant.ts';
import type { History } from './history.ts';
import { INVENTORY_BUGS } from './planted-bugs.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAM = relative(REPOSITORY, fileURLToPath(new URL('planted-play.ts', import.meta.url)));

/** Which judges complain of a history, in a copy of the sources with a bug in it or none. */
async function judgesOf(bug: (typeof INVENTORY_BUGS)[number] | undefined, histories: readonly History[]) {
  const directory = await plant(bug);
  try {
    const texts = histories.map(history => JSON.stringify(history));
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...texts], { cwd: directory });
    return JSON.parse(stdout);
  } finally {
    await uproot(directory);
  }
}

it('finds nothing where nothing is planted', async () => {
  const histories = INVENTORY_BUGS.map(({ history }) => history);
  expect(await judgesOf(undefined, histories)).toEqual([]);
});

it.concurrent.each(INVENTORY_BUGS)('finds: $name', async bug => {
  expect(await judgesOf(bug, [bug.history])).not.toEqual([]);
});
