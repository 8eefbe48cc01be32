import type { Item, ListOutcome } from '../api/inventory.ts';
import { CollectorError } from '../errors.ts';
import type { List } from '../inventory/list.ts';
import type { Storage } from '../storage/storage.ts';

/** Lists that tell an organization from another one: nobody's are empty. */
const TELLING = ['/organization/projects', '/organization/users'];

const FOREIGN =
  'the key shows another organization: nothing is listed of what is known; put the right key back, or give this one a state file of its own';

/** The ids that are known of each list by which an organization is told from another one. */
export type Familiar = ReadonlyMap<string, ReadonlySet<string>>;

/** What is known; nothing at the first start. */
export async function familiarOf(organization: string, storage: Storage): Promise<Familiar> {
  const known = await Promise.all(
    TELLING.map(async list => [list, await storage.knownInventory(organization, { list })] as const),
  );
  const some = known.filter(([, items]) => items.length > 0);
  return new Map(some.map(([list, items]) => [list, new Set(items.map(({ id }) => id))]));
}

/**
 * Resolves when the API lists something that is known, or nothing is: a key of another organization would show that
 * everything is gone. Throws CollectorError `misconfigured` when it does, `retryable` when nobody can tell.
 */
export async function identifyInventory(
  familiar: Familiar,
  lists: readonly List[],
  read: (list: List) => Promise<ListOutcome>,
): Promise<void> {
  const messages: string[] = [];
  for (const [path, ids] of familiar) {
    const list = lists.find(each => each.path === path);
    if (list === undefined) continue;
    const outcome = await read(list);
    const items: readonly Item[] = outcome.state === 'unavailable' ? [] : outcome.items;
    if (items.some(({ id }) => ids.has(String(id)))) return;
    if (outcome.state === 'complete') throw new CollectorError('misconfigured', FOREIGN);
    messages.push(outcome.message);
  }
  if (messages.length > 0) throw new CollectorError('retryable', messages.join('; '));
}
