import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEventsFolder } from '../../src/emulator/events-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('reads one event a file, arrays and lists, and nothing but *.json', async () => {
  await writeFile(join(folder, 'a.json'), '{"id":"1"}');
  await writeFile(join(folder, 'b.json'), '[{"id":"2"},{"id":"3"}]');
  await writeFile(join(folder, 'c.json'), '{"object":"list","data":[{"id":"4"}]}');
  await writeFile(join(folder, 'd.txt'), 'no');
  expect(await readEventsFolder(folder)).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' }]);
});

test.each([
  ['{"id":', 'not valid JSON'],
  ['[1]', 'expected events (objects), found 1'],
  ['null', 'expected events (objects), found null'],
])('names the file that has %s', async (text, reason) => {
  await writeFile(join(folder, 'good.json'), '{"id":"1"}');
  await writeFile(join(folder, 'wrong.json'), text);
  const failure = await readEventsFolder(folder).catch((error: Error) => error.message);
  expect(failure).toContain(join(folder, 'wrong.json'));
  expect(failure).toContain(reason);
});

test('refuses a folder without events', async () => {
  await mkdir(join(folder, 'empty'));
  await expect(readEventsFolder(join(folder, 'empty'))).rejects.toThrow('has no *.json file');
  await expect(readEventsFolder(join(folder, 'nowhere'))).rejects.toThrow('there is no such folder');
});
