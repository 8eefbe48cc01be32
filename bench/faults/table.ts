import type { Outcome } from './outcome.ts';
import type { Scenario } from './scenario.ts';

export interface Result {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
}

const HEAD = [
  'fault',
  'events',
  'lost',
  'doubled',
  'requests',
  'delay of new events, p50 / max (s)',
  'worst peer (measured elsewhere)',
  'peers that failed (measured elsewhere)',
];

/** The results as a Markdown table. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, HEAD.map((_, i) => (i === 0 ? '---' : '---:')), ...results.map(row)];
  return rows.map(cells => `| ${cells.join(' | ')} |\n`).join('');
}

function row({ scenario, outcome }: Result): readonly string[] {
  const { mostDoubled = 0, peers } = scenario;
  const { events, lost, doubled, parked, requests, delay } = outcome;
  return [
    scenario.fault,
    number(events),
    parked === 0 ? number(lost) : `${number(lost)} (${number(parked)} parked)`,
    mostDoubled === 0 ? number(doubled) : `${number(doubled)} (at most ${number(mostDoubled)})`,
    number(requests),
    delay === undefined ? '' : `${seconds(delay.p50Ms)} / ${seconds(delay.maxMs)}`,
    peers?.worst ?? '',
    peers?.failed ?? '',
  ];
}

const number = (value: number): string => value.toLocaleString('en-US');
const seconds = (ms: number): string => (ms / 1000).toFixed(1);
