import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { configurationTable } from '../../src/config/reference.ts';

const README = new URL('../../README.md', import.meta.url);
const BEGIN = '<!-- configuration:begin -->';
const END = '<!-- configuration:end -->';

it('README.md holds the configuration table as the schema says it', async () => {
  const readme = await readFile(README, 'utf8');
  const [, afterBegin, ...moreBegins] = readme.split(BEGIN);
  const [between, afterEnd, ...moreEnds] = (afterBegin ?? '').split(END);
  expect([moreBegins, moreEnds, afterEnd]).toEqual([[], [], expect.any(String)]);
  expect(between?.trim()).toBe(configurationTable());
});
