import { describe, expect, it } from 'vitest';
import { readOptions } from '../../src/commands/options.ts';

const options = { config: { type: 'string' }, once: { type: 'boolean' } } as const;

function refused(args: readonly string[], allowPositionals = false): string {
  try {
    readOptions({ args: [...args], options, allowPositionals });
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('options', () => {
  it('are read', () => {
    expect({ ...readOptions({ args: ['--config', 'a.yaml', '--once'], options }).values }).toEqual({
      config: 'a.yaml',
      once: true,
    });
  });

  it.each([
    [['--confg', 'a.yaml'], 'There is no option "--confg". Did you mean --config?'],
    [['--confg=a.yaml'], 'There is no option "--confg". Did you mean --config?'],
    [['-x'], 'There is no option "-x".'],
    [['--\u001b[2J'], 'There is no option "--\\u001b[2J".'],
    [['a.yaml'], 'Nothing can be done with "a.yaml". Did you mean --config a.yaml?'],
    [['again'], 'Nothing can be done with "again".'],
    [['--config'], "Option '--config <value>' argument missing"],
  ])('%j: %s', (args, message) => {
    expect(refused(args)).toBe(message);
  });

  it('are named without an advice on arguments that begin with a dash', () => {
    expect(refused(['--fromat'], true)).toBe('There is no option "--fromat".');
  });
});
