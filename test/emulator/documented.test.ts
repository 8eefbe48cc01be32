import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULT_KINDS } from '../../src/emulator/fault.ts';
import { ROUTES } from '../../src/emulator/routes.ts';
import { emulate } from './support/ask.ts';

const DOCUMENT = readFileSync(new URL('../../docs/emulator.md', import.meta.url), 'utf8');

const missing = (texts: readonly string[]) => texts.filter(text => !DOCUMENT.includes(`\`${text}\``));

test('docs/emulator.md tells of every control request', () => {
  const { emulator } = emulate();
  const unknown = emulator.handle({ method: 'GET', target: '/_emulator/moons', headers: {} });
  const commands =
    unknown.kind === 'answer' ? [...unknown.body.matchAll(/\w+ \/_emulator\/\w+/g)].map(([each]) => each) : [];
  expect(commands.length).toBeGreaterThan(12);
  expect(missing(commands.filter(command => !command.endsWith('/moons')))).toEqual([]);
});

test('docs/emulator.md tells of every fault', () => {
  expect(missing(FAULT_KINDS)).toEqual([]);
});

test('docs/emulator.md tells of every setting and family', () => {
  const names = Object.keys(emulate().emulator.settings).map(name => name.replace(/Ms$/, ''));
  expect(missing(names.map(name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)))).toEqual([]);
  expect(missing(ROUTES.map(({ family }) => family))).toEqual([]);
});
