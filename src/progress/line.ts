import { duration, number } from '../format.ts';
import { printable } from '../printable.ts';
import type { Work } from './progress.ts';
import type { UnderWay } from './works.ts';

const WIDEST_BAR = 30;
const LEAST_BAR = 5;

/** What is done, as a person says it. */
export const SAID: Readonly<Record<Work['kind'], string>> = {
  history: 'filling history',
  inventory: 'reading the inventory',
  verify: 'reading again',
  replay: 'sending again',
  query: 'reading',
};

/** What a line shows. */
export type Shown = Omit<UnderWay, 'facts' | 'tookMs' | 'leftMs'> & { readonly leftMs?: number | undefined };

/** A line each of at most `columns` characters, one below the other; what finds no room is left out, the share comes first. */
export function progressLines(works: readonly Shown[], columns: number): readonly string[] {
  const names = works.map(work => printable(`${work.kind} ${placeOf(work)}`));
  const widest = Math.max(0, ...names.map(({ length }) => length));
  const shares = works.map(work => `${`${percent(work)}`.padStart(3)} %`);
  const lefts = works.map(({ leftMs }) => (leftMs === undefined ? '' : `  ${duration(leftMs / 1000)} left`));
  for (const amounts of [works.map(work => `  ${amount(work)}`), works.map(() => '')]) {
    const tails = works.map((_, i) => `${shares[i]}${amounts[i]}${lefts[i]}`);
    const bar = Math.min(WIDEST_BAR, columns - widest - Math.max(...tails.map(({ length }) => length)) - 4);
    if (bar < LEAST_BAR) continue;
    return works.map((work, i) => `${names[i]?.padEnd(widest)}  ${drawn(work, bar)}  ${tails[i]}`);
  }
  return names.map((name, i) => `${shares[i]} ${name}`.slice(0, Math.max(0, columns)));
}

/** `acme/tenant` */
function placeOf({ organization, stream }: Pick<Work, 'organization' | 'stream'>): string {
  return stream === undefined ? organization : `${organization}/${stream}`;
}

/** Whole percent; 100 only when all is done. */
export function percent({ done, total }: Pick<Shown, 'done' | 'total'>): number {
  return total === 0 ? 0 : Math.floor((100 * done) / total);
}

/** `3 d 4 h of 30 d`, `12 of 340 requests` */
export function amount({ done, total, unit }: Pick<Shown, 'done' | 'total' | 'unit'>): string {
  if (unit === 'seconds') return `${duration(done)} of ${duration(total)}`;
  return `${number(done)} of ${number(total)} ${unit}`;
}

function drawn({ done, total }: Shown, width: number): string {
  const full = total === 0 ? 0 : Math.floor((width * done) / total);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}
