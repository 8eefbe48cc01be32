// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are what this is about
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/config/document.ts';
import { substitute } from '../../src/config/substitute.ts';

const references = {
  env: { NAME: 'value', EMPTY: '', NESTED: '${NAME} $$' },
  async readFile(path: string) {
    if (path === '/two lines') return 'one\ntwo\r\n';
    if (path === '/spaces') return ' a \n\n';
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  },
};

describe('a reference', () => {
  it.each([
    ['plain', 'plain'],
    ['${env:NAME}', 'value'],
    ['${NAME}', 'value'],
    ['a-${NAME}-${env:NAME}-z', 'a-value-value-z'],
    ['${UNSET:-default}', 'default'],
    ['${env:EMPTY:-default}', 'default'],
    ['${NAME:-default}', 'value'],
    ['[${UNSET:-}]', '[]'],
    ['${file:/two lines}', 'one\ntwo'],
    ['${file:/spaces}', ' a \n'],
    ['$$', '$'],
    ['$${NAME}', '${NAME}'],
    ['$$$${NAME}', '$${NAME}'],
    ['$$${NAME}', '$value'],
    ['$NAME costs 5$', '$NAME costs 5$'],
    ['${NESTED}', '${NAME} $$'],
  ])('is replaced once, and nothing else is: %s', async (text, expected) => {
    expect(await substitute(text, references)).toMatchObject({ text: expected });
  });

  it.each([
    ['${UNSET}', ['the environment variable UNSET is not set; set it, or write ${UNSET:-default}']],
    ['${EMPTY}', ['the environment variable EMPTY is empty; set it, or write ${EMPTY:-default}']],
    ['${file:/absent}', ['the file /absent cannot be read (no such file)']],
  ])('that cannot be resolved is named: %s', async (text, faults) => {
    expect(await substitute(text, references)).toEqual({ faults });
  });

  it.each(['${1X}', '${}', '${NAME:?error}', '${NAME', '${file:}', '${sk-admin-hidden}', '${yaml:x}'])(
    'that is none is refused without being repeated: %s',
    async text => {
      const result = await substitute(text, references);
      expect(result).toEqual({ faults: [expect.stringMatching(/^holds a \$\{\.\.\.\} that is no reference/)] });
      expect(JSON.stringify(result)).not.toContain('hidden');
    },
  );

  it('reports all that cannot be resolved in one text', async () => {
    expect(await substitute('${A}${B}', references)).toMatchObject({
      faults: [expect.any(String), expect.any(String)],
    });
  });
});

describe('substitution in a file', () => {
  test.prop([fc.string()])('cannot change the structure, whatever a variable holds', async value => {
    fc.pre(value !== '');
    const { root, problems } = await readDocument('a: ${X}\nb: "${X}"\nc: [1, "-${X}"]\n', {
      ...references,
      env: { X: value },
    });
    expect(problems).toEqual([]);
    expect([...root]).toEqual([
      ['a', value],
      ['b', value],
      ['c', [1, `-${value}`]],
    ]);
  });

  it('leaves keys and comments alone', async () => {
    const { root, problems } = await readDocument('# ${UNSET}\n"${UNSET}": 1\n', references);
    expect([[...root], problems]).toEqual([[['${UNSET}', 1]], []]);
  });

  it('knows where every key and value stands', async () => {
    const { keys, values } = await readDocument('a:\n  - b: x\n    "c d": y\n', references);
    expect([...keys]).toEqual([
      ['a', { line: 1, column: 1 }],
      ['a[0].b', { line: 2, column: 5 }],
      ['a[0]["c d"]', { line: 3, column: 5 }],
    ]);
    expect(values.get('a[0]["c d"]')).toEqual({ line: 3, column: 12 });
  });
});
