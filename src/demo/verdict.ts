/** What both ends say, compared by id. */
export interface Verdict {
  readonly listed: number;
  readonly received: number;
  readonly missing: readonly string[];
  /** Ids that the backend got more than once. */
  readonly doubled: readonly string[];
  /** Ids that the backend got and the API does not list. */
  readonly foreign: readonly string[];
}

/** Compares the ids that the API lists with how often the backend received each. */
export function judge(listed: ReadonlySet<string>, received: ReadonlyMap<string, number>): Verdict {
  return {
    listed: listed.size,
    received: received.size,
    missing: [...listed].filter(id => !received.has(id)),
    doubled: [...received].filter(([, times]) => times > 1).map(([id]) => id),
    foreign: [...received.keys()].filter(id => !listed.has(id)),
  };
}

const NAMED = 5;

/** The verdict for a person. */
export function describe(verdict: Verdict): string {
  const { listed, received, missing, doubled, foreign } = verdict;
  const rows: [string, number, readonly string[]][] = [
    ['listed by the API', listed, []],
    ['received by the backend', received, []],
    ['missing', missing.length, missing],
    ['doubled', doubled.length, doubled],
  ];
  if (foreign.length > 0) rows.push(['received, but not listed', foreign.length, foreign]);
  const lines = rows.map(([what, count, ids]) => {
    const named = ids.length === 0 ? '' : `  ${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? ', ...' : ''}`;
    return `  ${what.padEnd(26)}${count.toLocaleString('en-US').padStart(9)}${named}`;
  });
  const word = missing.length === 0 ? 'complete: every event that the API lists was received' : 'INCOMPLETE';
  return `${lines.join('\n')}\n  verdict: ${word}\n`;
}
