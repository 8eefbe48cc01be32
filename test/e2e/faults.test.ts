import { describe, expect, it } from 'vitest';
import { play } from '../../bench/faults/outcome.ts';
import { SCENARIOS } from '../../bench/faults/scenarios.ts';
import { table } from '../../bench/faults/table.ts';
import { withTable } from '../../bench/readme.ts';

/** The fastest of the bench, one of each kind; all of them take minutes. */
const FAST = ['same-second', 'truncated', 'partial-success', 'poison', 'lost-answer'];

describe('the bench of faults', () => {
  it.each(SCENARIOS.filter(({ name }) => FAST.includes(name)))('passes $name', async scenario => {
    const outcome = await play(scenario);
    expect(outcome.failures, outcome.said).toEqual([]);
    expect(outcome.lost).toBe(0);
  });

  it('counts what never arrives as lost', async () => {
    const outcome = await play({
      name: 'nobody collects',
      fault: 'the collector leaves before anything happens',
      async play(world) {
        await world.start();
        await world.line(/started/);
        await world.end();
        world.happens(3);
      },
    });
    expect(outcome).toMatchObject({ events: 3, lost: 3, failures: ['3 lost'] });
  });

  it('has a name of its own for each scenario', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('puts its table between the markers of a document, and nowhere else', () => {
    const document = 'a\n<!-- bench:faults:begin -->\nold\n<!-- bench:faults:end -->\nb\n';
    const expected = `a\n<!-- bench:faults:begin -->\n${table([])}<!-- bench:faults:end -->\nb\n`;
    expect(withTable(document, 'faults', table([]))).toBe(expected);
    expect(withTable('a\nb\n', 'faults', table([]))).toBeUndefined();
  });
});
