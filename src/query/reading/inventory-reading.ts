import type { ListOutcome } from '../../api/inventory.ts';
import { ExitError } from '../../errors.ts';
import { type Entity, type Id, readEntity } from '../../inventory/entity.ts';
import { genuine } from '../../inventory/genuine.ts';
import type { Kind, KindName } from '../../inventory/kind.ts';
import { KINDS } from '../../inventory/kinds.ts';
import { type List, listsBelow, topLists } from '../../inventory/list.ts';
import { idText } from '../../inventory/thing.ts';
import type { Note } from '../note.ts';

/** A kind of thing that a query reads; of some parents only, where it says so. */
export interface WantedKind {
  readonly kind: KindName;
  /** Ids of parents, by their kind. */
  readonly parents: ReadonlyMap<KindName, ReadonlySet<string>>;
}

export interface InventoryReadingOptions {
  /** The configured id of the organization, or else the name. */
  readonly organization: Id;
  readonly wanted: readonly WantedKind[];
  readonly read: (list: List, signal: AbortSignal) => Promise<ListOutcome>;
  /** Before so many more lists are read. */
  readonly planned: (lists: number) => Promise<void>;
  /** After each list. */
  readonly isRead: () => void;
  readonly note: Note;
}

interface Refusal {
  readonly message: string;
  readonly isForbidden: boolean;
}

/** A thing, and what the list was read for that shows it. */
export interface Found {
  readonly entity: Entity;
  readonly parent: Id;
}

/** Lists that are read at once; the limiter makes them wait where the API wants it. */
const AT_ONCE = 4;

/**
 * The things of these kinds, read from the lists that hold them, and from those above.
 * @throws ExitError when a list could not be read whole, or none of a kind is to be had.
 */
export async function readInventory(options: InventoryReadingOptions, signal: AbortSignal): Promise<readonly Found[]> {
  const { organization, wanted, note } = options;
  const kinds = neededKinds(wanted.map(({ kind }) => kind));
  const things: Found[] = [];
  const refused = new Map<Kind, Refusal>();
  const readKinds = new Set<KindName>();
  for (let lists = topLists(kinds, organization); lists.length > 0; ) {
    await options.planned(lists.length);
    const found = await readAll(lists, options, signal);
    for (const { list, outcome } of found) {
      if (outcome.state === 'incomplete') throw notWhole(list, outcome.message);
      if (outcome.state === 'complete') readKinds.add(list.kind.name);
      else if (outcome.why === 'archived') readKinds.add(list.kind.name);
      else
        refused.set(list.kind, {
          message: `${list.path}: ${outcome.message}`,
          isForbidden: outcome.why === 'forbidden',
        });
    }
    const fresh = found.flatMap(({ list, outcome }) =>
      entitiesOf(list, outcome, note).map(entity => ({ entity, parent: list.parent })),
    );
    for (const each of fresh) things.push(each);
    lists = fresh.flatMap(({ entity }) =>
      listsBelow(kinds, entity, organization).filter(({ kind }) => isWanted(kind, entity, options, kinds)),
    );
  }
  sayRefused(refused, readKinds, wanted, note);
  const names = new Set(wanted.map(({ kind }) => kind));
  const real = new Set(genuine(things.map(({ entity }) => entity)));
  return things.filter(({ entity }) => names.has(entity.kind) && real.has(entity));
}

/** With those that they are read below, and those that they are told from. */
function neededKinds(names: readonly KindName[]): readonly Kind[] {
  const needed = new Set<string>();
  for (let left: readonly string[] = names; left.length > 0; ) {
    for (const name of left) needed.add(name);
    left = KINDS.filter(({ name }) => needed.has(name))
      .flatMap(({ parent, except }) => [parent, except ?? parent])
      .filter(name => name !== 'organization' && !needed.has(name));
  }
  return KINDS.filter(({ name }) => needed.has(name));
}

/** Whether a list of a thing is to be read; of a kind that others need, all of them are. */
function isWanted(
  { name, parent }: Kind,
  { id }: Entity,
  { wanted }: InventoryReadingOptions,
  kinds: readonly Kind[],
): boolean {
  const asked = wanted.find(({ kind }) => kind === name);
  const isNeeded = kinds.some(kind => kind.parent === name || kind.except === name);
  const ids = parent === 'organization' ? undefined : asked?.parents.get(parent);
  return isNeeded || ids === undefined || ids.has(idText(id));
}

async function readAll(lists: readonly List[], { read, isRead }: InventoryReadingOptions, signal: AbortSignal) {
  const found: { readonly list: List; readonly outcome: ListOutcome }[] = [];
  const left = [...lists];
  const readNext = async () => {
    for (let list = left.shift(); list !== undefined; list = left.shift()) {
      found.push({ list, outcome: await read(list, signal) });
      isRead();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  return found;
}

function entitiesOf(list: List, outcome: ListOutcome, note: Note): readonly Entity[] {
  if (outcome.state !== 'complete') return [];
  const read = outcome.items.map(item => readEntity(list.kind, list.parent, item));
  const found = read.filter(entity => entity !== undefined);
  if (found.length < read.length)
    note(`${read.length - found.length} items of ${list.path} lack their id and are left out`, 'list-incomplete');
  return found;
}

/** Some lists of a kind may be missing; where none is to be had, nothing can be said of it. */
function sayRefused(
  refused: ReadonlyMap<Kind, Refusal>,
  readKinds: ReadonlySet<KindName>,
  wanted: readonly WantedKind[],
  note: Note,
): void {
  const missing = wanted.find(({ kind }) => !readKinds.has(kind));
  for (const [{ name }, { message, isForbidden }] of refused) {
    if (missing === undefined || (readKinds.has(name) && name !== missing.kind))
      note(`not to be had: ${message}`, 'family-unavailable');
    else {
      throw new ExitError(
        isForbidden ? 'scope-management' : 'family-unavailable',
        `Nothing of the kind ${missing.kind} is to be had. ${message}`,
      );
    }
  }
}

function notWhole({ path }: List, message: string): ExitError {
  return new ExitError('list-incomplete', `${path} could not be read whole, so that rows would be missing: ${message}`);
}
