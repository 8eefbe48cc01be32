import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PROBLEM_CODES } from '../src/problems.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

const TEXTS = globSync('**/*.ts', { cwd: SRC })
  .filter(file => file !== 'log.ts')
  .map(file => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

/** The calls that write a line of these levels, each with what follows. */
const LINES = TEXTS.flatMap(({ file, text }) =>
  [...text.matchAll(/\blog\.(?:warn|error)\(|\blog\[.*'warn'/gi)].map(({ index }) => ({
    file,
    call: text.slice(index, index + 300).replaceAll(/\s+/g, ' '),
  })),
);

describe('the log', () => {
  it('says a code of the catalogue with each warning and error', () => {
    expect(LINES.length).toBeGreaterThan(15);
    const codes = LINES.map(({ file, call }) => ({ file, call, code: /code: .*?'([\w-]+)'/.exec(call)?.[1] }));
    expect(codes.filter(({ code }) => !PROBLEM_CODES.some(known => known === code))).toEqual([]);
  });
});

describe('the catalogue', () => {
  it('holds nothing that nobody says', () => {
    const others = TEXTS.filter(({ file }) => file !== 'problems.ts').map(({ text }) => text);
    const unsaid = PROBLEM_CODES.filter(
      code => !others.some(text => text.includes(`'${code}'`) || text.includes(`[${code}]`)),
    );
    expect(unsaid).toEqual([]);
  });
});
