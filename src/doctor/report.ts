import { PROBLEMS } from '../problems.ts';
import { folded, wrapped } from '../wrapped.ts';
import type { Finding, Mark, Result } from './check.ts';

export interface Report {
  readonly findings: readonly Finding[];
  readonly requests: number;
  readonly elapsedMs: number;
}

export interface TextOptions {
  /** Characters a line may hold. */
  readonly width: number;
  readonly colour: boolean;
}

const MARKS: Readonly<Record<Mark, { readonly sign: string; readonly colour: number }>> = {
  ok: { sign: '√', colour: 32 },
  warn: { sign: '‼', colour: 33 },
  fail: { sign: '×', colour: 31 },
  skipped: { sign: '-', colour: 90 },
};

/** For a person: a line a check, and below it what is wrong and what to do. */
export function textReport({ findings, requests, elapsedMs }: Report, options: TextOptions): string {
  const groups = Map.groupBy(findings, ({ group }) => group);
  const sections = [...groups].map(([group, found]) => section(group, found, options));
  const { ok, warn, fail, skipped } = countMarks(findings);
  const summary =
    `${findings.length} checks in ${(elapsedMs / 1000).toFixed(1)} s, ${requests} ${requests === 1 ? 'request' : 'requests'} to the API: ` +
    `${ok} passed, ${warn} warned, ${fail} failed, ${skipped} skipped.`;
  const more = warn + fail === 0 ? '' : ' `explain CODE` says more about a code in brackets.';
  return [...sections, ...wrapped(`${summary}${more}`, options.width), ''].join('\n');
}

/** For a program. */
export function jsonReport({ findings, requests, elapsedMs }: Report): string {
  const checks = findings.map(({ group, id, claim, result }) => ({
    group,
    check: id,
    claim,
    ...result,
    ...(actionOf(result) === undefined ? {} : { action: actionOf(result) }),
  }));
  const ok = findings.every(({ result }) => result.mark !== 'fail');
  const whole = { ok, counts: countMarks(findings), requests, elapsed_ms: Math.round(elapsedMs), checks };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function section(group: string, findings: readonly Finding[], options: TextOptions): string {
  const lines = runs(findings).flatMap(run => {
    const { claim, result } = run.first;
    if (result.mark !== 'skipped' || run.length === 1) return entry(claim, result, options);
    return marked('skipped', `${run.length} skipped, ${result.cause}`, options);
  });
  return `${[group, '-'.repeat(group.length), ...lines].join('\n')}\n`;
}

interface Run {
  readonly first: Finding;
  readonly length: number;
}

/** What was skipped for one reason is one line: it would only hide what is wrong. */
function runs(findings: readonly Finding[]): readonly Run[] {
  const found: Run[] = [];
  for (const finding of findings) {
    const last = found.at(-1);
    const isSame =
      last !== undefined && skippedFor(finding) !== undefined && skippedFor(last.first) === skippedFor(finding);
    if (isSame) found[found.length - 1] = { first: last.first, length: last.length + 1 };
    else found.push({ first: finding, length: 1 });
  }
  return found;
}

function skippedFor({ result }: Finding): string | undefined {
  return result.mark === 'skipped' ? result.cause : undefined;
}

function entry(claim: string, result: Result, options: TextOptions): readonly string[] {
  const { mark } = result;
  if (mark === 'ok') return marked(mark, result.says === undefined ? claim : `${claim} (${result.says})`, options);
  if (mark === 'skipped') return marked(mark, `${claim} (skipped, ${result.cause})`, options);
  const below = [
    ...folded(result.cause, options.width - 4).split('\n'),
    ...wrapped(`${actionOf(result)} [${result.code}]`, options.width - 4, '-> '),
  ];
  return [...marked(mark, claim, options), ...below.map(line => `    ${line}`)];
}

function marked(mark: Mark, text: string, { width, colour }: TextOptions): readonly string[] {
  const { sign, colour: code } = MARKS[mark];
  const [first = '', ...rest] = wrapped(text, width - 2);
  const shown = colour ? `\u001b[${code}m${sign}\u001b[0m` : sign;
  return [`${shown} ${first}`, ...rest.map(line => `  ${line}`)];
}

/** What to do: what the check says of this case, or what the catalogue says of all. */
function actionOf(result: Result): string | undefined {
  if (result.mark !== 'warn' && result.mark !== 'fail') return undefined;
  return result.action ?? PROBLEMS[result.code].remedy;
}

function countMarks(findings: readonly Finding[]): Readonly<Record<Mark, number>> {
  const count = (mark: Mark) => findings.filter(({ result }) => result.mark === mark).length;
  return { ok: count('ok'), warn: count('warn'), fail: count('fail'), skipped: count('skipped') };
}
