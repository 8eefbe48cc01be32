import type { Fault } from '../../../src/emulator/fault.ts';
import type { PlantedBug } from '../planted/bug.ts';
import type { History } from './history.ts';
import { SEED } from './judged.ts';

/** A way of missing or inventing something of the inventory, and the history that shows it. */
export interface PlantedInventoryBug extends PlantedBug {
  readonly history: History;
}

const CALM: History = { seed: SEED, during: 'later' };

function meets(what: Fault, at: number, times = 1, during: History['during'] = 'later'): History {
  return { seed: SEED, during, fault: { at, what, times } };
}

function dies(killAt: number): History {
  return { seed: SEED, during: 'later', killAt };
}

export const INVENTORY_BUGS: readonly PlantedInventoryBug[] = [
  {
    name: 'what is not in a partial reading is gone',
    imitates: 'a diff on a partial reading',
    file: 'src/pipeline/inventory-judge.ts',
    text: "outcome.state === 'complete' && isReadable &&",
    replacement: "outcome.state !== 'unavailable' && isReadable &&",
    history: meets({ kind: 'status', status: 500 }, 7, 12),
  },
  {
    name: 'a refused list is empty',
    imitates: 'others: access denied is an empty list',
    file: 'src/api/inventory.ts',
    text: "if (isOneOf(UNAVAILABLE, why)) return { state: 'unavailable', why, message, requests };",
    replacement: "if (isOneOf(UNAVAILABLE, why)) return { state: 'complete', items: [], pages: 1, requests };",
    history: meets({ kind: 'status', status: 403 }, 7, 12),
  },
  {
    name: 'what is missing once is gone',
    imitates: 'no second look at a list that shifts',
    file: 'src/inventory/missing.ts',
    text: 'before[id] !== undefined && nowMs >= sinceMs + waitMs;',
    replacement: 'before[id] !== undefined || nowMs >= sinceMs;',
    history: meets({ kind: 'moved_items' }, 38),
  },
  {
    name: 'a page without a cursor is the last one',
    imitates: 'others: has_more without a cursor',
    file: 'src/api/list-page.ts',
    text: 'return { items, hasMore, cursor };',
    replacement: 'return { items, hasMore: hasMore && cursor !== undefined, cursor };',
    history: meets({ kind: 'no_cursor' }, 7, 12),
  },
  {
    name: 'an empty page is the last one',
    imitates: 'others: an empty page ends the list',
    file: 'src/api/list-page.ts',
    text: 'return { items, hasMore, cursor };',
    replacement: 'return { items, hasMore: hasMore && items.length > 0, cursor };',
    history: meets({ kind: 'empty_page' }, 7, 12),
  },
  {
    name: 'a page that fails again and again is the last one',
    imitates: 'errors past patience are swallowed',
    file: 'src/api/list-walk.ts',
    text: 'if (attempt === MOST_ATTEMPTS) return stop(givenUp(error), error.message);',
    replacement: 'if (attempt === MOST_ATTEMPTS) return { items: [], hasMore: false, cursor: undefined };',
    history: meets({ kind: 'status', status: 500 }, 7, 12),
  },
  {
    name: 'only the first page is read',
    imitates: 'others: the default page of 20 is the list',
    file: 'src/api/list-walk.ts',
    text: "if (!page.hasMore) return 'complete';",
    replacement: "return 'complete';",
    history: CALM,
  },
  {
    name: 'a change is settled before it is delivered',
    imitates: 'a checkpoint before the acknowledgement',
    file: 'src/pipeline/inventory-sender.ts',
    text: 'const verdicts = await deliver(records.flat());',
    replacement:
      "await persist(() => storage.settleInventory(organization, batch.map(({ seq }) => ({ seq, fate: 'acknowledged' as const }))));\n    const verdicts = await deliver(records.flat());",
    history: dies(100),
  },
  {
    name: 'a restart begins the reading anew',
    imitates: 'others: a crawl that is not resumed',
    file: 'src/pipeline/inventory.ts',
    text: 'states.map(({ list, state }) =>',
    replacement: 'states.slice(0, 0).map(({ list, state }) =>',
    history: dies(300),
  },
  {
    name: 'a second look is forgotten by a restart',
    imitates: 'what is to be done is kept in memory alone',
    file: 'src/pipeline/inventory.ts',
    text: 'if (atMs !== undefined) this.#want(list, Math.max(0, atMs - clock.nowMs()));',
    replacement: '',
    history: dies(200),
  },
  {
    name: 'the first reading is news',
    imitates: 'a thousand added at the first start',
    file: 'src/pipeline/inventory-lists.ts',
    text: 'return this.stateOf(list)?.readAtMs !== undefined || this.#news.has(list.path);',
    replacement: 'return true;',
    history: { ...CALM, during: 'first' },
  },
  {
    name: 'what lies below a thing that was seen late is news',
    imitates: 'a first reading that failed in part makes a thousand added',
    file: 'src/pipeline/inventory.ts',
    text: 'this.#lists.add(thing, isNews))',
    replacement: 'this.#lists.add(thing, isNews || this.#reading.baselineAtMs !== undefined))',
    history: meets({ kind: 'body', body: 'null' }, 1, 12, 'first'),
  },
  {
    name: 'what lies below a new thing is no news',
    imitates: 'the keys of a new project are not told',
    file: 'src/pipeline/inventory.ts',
    text: 'this.#lists.add(thing, isNews))',
    replacement: 'this.#lists.add(thing, isNews && false))',
    history: dies(100),
  },
  {
    name: 'a snapshot is complete though something was not found',
    imitates: 'complete is said of what is in doubt',
    file: 'src/inventory/snapshot.ts',
    text: "return Object.keys(missing).length > 0 ? 'unconfirmed' : undefined;",
    replacement: 'return Object.keys(missing).length > 0 ? undefined : undefined;',
    history: CALM,
  },
  {
    name: 'what belonged to a thing stays when it goes',
    imitates: 'orphans below a deleted project',
    file: 'src/pipeline/inventory-judge.ts',
    text: 'for (let left = [...gone]; left.length > 0; ) {',
    replacement: 'for (let left: Known[] = gone.slice(0, 0); left.length > 0; ) {',
    history: CALM,
  },
  {
    name: 'keys of projects are admin keys',
    imitates: 'others: what the list of admin keys says is believed',
    file: 'src/pipeline/inventory.ts',
    text: 'await this.#follow(list, outcome, guise);',
    replacement: 'await this.#follow(list, outcome);',
    history: CALM,
  },
  {
    name: 'the keys of owners who left are not asked for',
    imitates: 'others: owner_project_access is not sent',
    file: 'src/inventory/kinds.ts',
    text: "query: { owner_project_access: 'any' },",
    replacement: '',
    history: CALM,
  },
  {
    name: 'a setting that is not found is gone at once',
    imitates: 'a 404 is believed',
    file: 'src/inventory/missing.ts',
    text: 'return notSet ? patienceMs : CONFIRM_MS;',
    replacement: 'return CONFIRM_MS;',
    history: meets({ kind: 'status', status: 404 }, 11, 2),
  },
  {
    name: 'a setting that nobody set any more stays for ever',
    imitates: 'nothing shows that its family is there',
    file: 'src/pipeline/inventory.ts',
    text: 'if (lacksWitness) this.#callWitness(list);',
    replacement: '',
    history: CALM,
  },
];
