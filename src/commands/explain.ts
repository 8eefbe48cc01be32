import { EXIT, ExitError } from '../errors.ts';
import { exitCodeOf, PROBLEM_CODES, PROBLEMS, type Problem, type ProblemCode } from '../problems.ts';
import { closest } from '../suggest.ts';
import { wrapped } from '../wrapped.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector explain [CODE]

Says what is behind a code of an error, of a line of the log (\`code\`) or of \`doctor\`, and what to do. Without a code it
lists all.
`;

const WIDEST = 100;

/** Prints one problem of the catalogue, or all. */
export async function explain(argv: readonly string[], { stdout }: CommandIo): Promise<number> {
  const { values, positionals } = readOptions({
    args: [...argv],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    stdout.write(HELP);
    return EXIT.ok;
  }
  const width = Math.min(stdout.columns ?? 80, WIDEST);
  const codes = positionals.length === 0 ? PROBLEM_CODES : positionals.map(known);
  stdout.write(codes.map(code => entry(code, width)).join('\n'));
  return EXIT.ok;
}

function known(word: string): ProblemCode {
  const plain = word.replace(/^\[|\]$/g, '').toLowerCase();
  const code = PROBLEM_CODES.find(each => each === plain);
  if (code !== undefined) return code;
  const meant = closest(plain, PROBLEM_CODES);
  const advice = meant === undefined ? '`explain` alone lists all.' : `Did you mean ${meant}?`;
  throw new ExitError('usage', `There is no code ${JSON.stringify(word)}. ${advice}`);
}

function entry(code: ProblemCode, width: number): string {
  const { cause, remedy }: Problem = PROBLEMS[code];
  const lines = [...wrapped(cause, width - 2), ...wrapped(remedy, width - 4, '-> ')];
  return [`${code} (exit code ${exitCodeOf(code)})`, ...lines.map(line => `  ${line}`), ''].join('\n');
}
