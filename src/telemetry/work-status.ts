import type { UnderWay } from '../progress/works.ts';
import type { WorkStatus } from './status.ts';

/**
 * Long work of one organization, as far as anything is known of it. While delivery is on hold it ends when a person has
 * acted, which no speed tells; only reading the inventory goes on.
 */
export function worksOf(
  organization: string,
  works: readonly UnderWay[],
  { nowMs, isHeld }: { readonly nowMs: number; readonly isHeld: boolean },
): readonly WorkStatus[] {
  return works
    .filter(work => work.organization === organization && work.total > 0)
    .map(({ kind, stream, unit, done, total, tookMs, leftMs }) => ({
      kind,
      ...(stream === undefined ? {} : { stream }),
      unit,
      done,
      total,
      startedAtMs: Math.round(nowMs - tookMs),
      ...(leftMs === undefined || (isHeld && kind !== 'inventory') ? {} : { endsAtMs: Math.round(nowMs + leftMs) }),
    }));
}
