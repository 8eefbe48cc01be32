import type { ListState, ReadingState } from '../inventory/plan.ts';
import type { InventoryStatus } from './status.ts';

interface Stored {
  /** Its path; the reading as a whole has none. */
  readonly list: string;
  readonly state: string;
}

const MOST_TROUBLES = 10;

/** What is known of the lists of an inventory; undefined when none was read. */
export function inventoryStatus(stored: readonly Stored[]): InventoryStatus | undefined {
  const lists = stored
    .filter(({ list }) => list !== '')
    .map(({ list, state }) => ({ list, ...(JSON.parse(state) as ListState) }));
  if (lists.length === 0) return undefined;
  const incomplete = lists.filter(({ state }) => state === 'incomplete');
  const oldest = lists.reduce(
    (least, { state, readAtMs, attemptedAtMs }) =>
      state === 'unavailable' ? least : Math.min(least, readAtMs ?? attemptedAtMs),
    Number.POSITIVE_INFINITY,
  );
  return {
    lists: lists.length,
    incomplete: incomplete.length,
    unavailable: lists.filter(({ state }) => state === 'unavailable').length,
    ...(Number.isFinite(oldest) ? { oldestReadAtMs: oldest } : {}),
    ...readingOf(stored),
    troubles: incomplete.slice(0, MOST_TROUBLES).map(({ list, message }) => {
      return { list, message: message ?? 'it shows things that cannot be told apart yet; it is read again' };
    }),
  };
}

function readingOf(stored: readonly Stored[]): Pick<InventoryStatus, 'startedAtMs' | 'endedAtMs'> {
  const text = stored.find(({ list }) => list === '')?.state;
  if (text === undefined) return {};
  const { startedAtMs, endedAtMs } = JSON.parse(text) as ReadingState;
  return { startedAtMs, ...(endedAtMs === undefined ? {} : { endedAtMs }) };
}
