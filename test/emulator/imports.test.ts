import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** Files of src and what they import of it, as paths inside src. */
const imports = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts'))
  .flatMap(path => importsOf(path).map(imported => ({ path, imported })));

function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, found]) => found ?? '');
  return specifiers.map(specifier => relative(SRC, resolve(SRC, dirname(path), specifier)));
}

const folder = (path: string) => path.split('/')[0] ?? '';

test('what is emulated shares nothing with what processes it, or a mistake would agree with itself', () => {
  const sides = [new Set(['emulator', 'demo']), new Set(['processor'])] as const;
  const crossing = imports.filter(({ path, imported }) =>
    sides.some((side, index) => side.has(folder(path)) && sides[1 - index]?.has(folder(imported))),
  );
  expect(crossing).toEqual([]);
  expect(imports.some(({ path }) => folder(path) === 'processor')).toBe(true);
});

test('the emulated organization takes nothing from the collector but the clock', () => {
  const foreign = imports.filter(
    ({ path, imported }) => folder(path) === 'emulator' && folder(imported) !== 'emulator',
  );
  expect([...new Set(foreign.map(({ imported }) => imported))]).toEqual(['clock.ts']);
});
