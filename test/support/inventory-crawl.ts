import type { AdminClient } from '../../src/api/admin-client.ts';
import { type ListOutcome, readList } from '../../src/api/inventory.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { Graph } from '../../src/emulator/inventory/graph.ts';
import { type Entity, type Id, organizationId, readEntity, referenceText } from '../../src/inventory/entity.ts';
import { genuine } from '../../src/inventory/genuine.ts';
import type { Kind } from '../../src/inventory/kind.ts';
import { KINDS } from '../../src/inventory/kinds.ts';
import { listRequest } from '../../src/inventory/request.ts';
import { clientOf } from './emulated-client.ts';

interface ReadList {
  readonly route: string;
  readonly parent: Id;
  readonly outcome: ListOutcome;
}

export interface Crawl {
  readonly entities: readonly Entity[];
  readonly lists: readonly ReadList[];
}

const LANE = { priority: 'inventory', caller: 'test' } as const;

/** The row of a route. */
export function kindOf(route: string): Kind {
  const kind = KINDS.find(each => each.route === route);
  if (kind === undefined) throw new Error(`no row has the route ${route}`);
  return kind;
}

/** Reads one list of an emulated organization. */
export function readOne(emulator: Emulator, route: string, parent: Id = {}, pageSize?: number): Promise<ListOutcome> {
  const request = listRequest(kindOf(route), parent, LANE);
  const sized = pageSize === undefined ? request : { ...request, pageSize };
  return readList(clientOf(emulator), sized, AbortSignal.any([]));
}

/** Reads every list there is, as simply as can be: parents before what is read for each of them. */
export async function crawl(emulator: Emulator): Promise<Crawl> {
  const client = clientOf(emulator);
  const organization = organizationId(emulator.organization.estate.organizationId);
  const found: { entities: Entity[]; lists: ReadList[] } = { entities: [], lists: [] };
  const pending = [...KINDS];
  const isReady = ({ parent }: Kind) => !pending.some(({ name }) => name === parent);
  while (pending.length > 0) {
    const [kind] = pending.splice(pending.findIndex(isReady), 1);
    if (kind === undefined) break;
    const parents = found.entities.filter(({ kind: name }) => name === kind.parent).map(({ id }) => id);
    for (const parent of kind.parent === 'organization' ? [{}] : parents) {
      await read(client, kind, { ...organization, ...parent }, found);
    }
  }
  return { entities: genuine(found.entities), lists: found.lists };
}

async function read(client: AdminClient, kind: Kind, parent: Id, found: { entities: Entity[]; lists: ReadList[] }) {
  const outcome = await readList(client, listRequest(kind, parent, LANE), AbortSignal.any([]));
  found.lists.push({ route: kind.route, parent, outcome });
  if (outcome.state === 'unavailable') return;
  for (const item of outcome.items) {
    const entity = readEntity(kind, parent, item);
    if (entity === undefined) throw new Error(`${kind.route} has an item without its id: ${JSON.stringify(item)}`);
    found.entities.push(entity);
  }
}

/** What was read, in the words in which the emulator tells the truth. */
export function graphOf({ entities }: Crawl, organization: string): Graph {
  const nodes = entities.filter(({ form }) => form === 'node').map(referenceText);
  const edges = entities
    .flatMap(({ relations }) => relations)
    .map(({ from, type, to }) => `${referenceText(from)} ${type} ${referenceText(to)}`);
  return sorted({ nodes: [`organization ${organization}`, ...nodes], edges });
}

/** In order, each once. */
export function sorted({ nodes, edges }: Graph): Graph {
  return { nodes: [...new Set(nodes)].toSorted(), edges: [...new Set(edges)].toSorted() };
}
