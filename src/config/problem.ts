import type { Position } from './document.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** The key as the person wrote it, or the variable that the value came from; empty when neither is known. */
  readonly key: string;
  readonly message: string;
  readonly at?: Position | undefined;
}

/** All problems for a person, in the order of the file; those without a place in it come last. */
export function describeProblems(source: string, problems: readonly Problem[]): string {
  const places = problems.map(({ at }) => (at === undefined ? '' : `${at.line}:${at.column}`));
  const width = Math.max(...places.map(place => place.length));
  const lines = problems
    .map((problem, index) => ({ ...problem, place: places[index] ?? '' }))
    .sort((a, b) => order(a.at, b.at))
    .map(
      ({ place, key, message }) =>
        `  ${place.padEnd(width)}${width > 0 ? ' ' : ''}${key === '' ? '' : `${key}: `}${message}`,
    );
  return [`${source} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:`, ...lines].join('\n');
}

function order(a: Position | undefined, b: Position | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.line - b.line || a.column - b.column;
}
