import { exitCodeOf, PROBLEM_CODES, PROBLEMS, type Problem } from '../../src/problems.ts';
import { code, table } from './table.ts';

export function problemTable(): string {
  const rows = PROBLEM_CODES.map(each => {
    const { cause, remedy }: Problem = PROBLEMS[each];
    return [code(each), cause, remedy, String(exitCodeOf(each))];
  });
  return table(['Code', 'Cause', 'Remedy', 'Exit'], rows);
}
