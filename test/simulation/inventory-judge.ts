import type { LogRecord } from '../../src/record.ts';
import type { SimulatedApi } from './simulated-api.ts';
import type { SimulatedEstate } from './simulated-estate.ts';
import type { World } from './simulation.ts';

const SERVICE = 'openai-inventory';
const NEWS = /^openai\.inventory\.\w+\.(added|removed)$/;

/** Kinds that the truth knows as things; of the others it knows relations only. */
const KINDS = [
  'user',
  'project',
  'api_key',
  'admin_api_key',
  'group',
  'service_account',
  'role',
  'project_role',
  'rate_limit',
];

/** What the inventory has not come to yet, of what there is and what is known; undefined when it is as the truth is. */
export async function unlike(world: World, api: SimulatedApi): Promise<string | undefined> {
  const { estate } = api;
  if (estate === undefined) return undefined;
  const waiting = await world.storage.waitingInventory(api.name, 1, 0);
  if (waiting[0] !== undefined) return `not delivered: ${waiting[0].change} of ${waiting[0].kind} ${waiting[0].id}`;
  const known = new Map(
    (await world.storage.inventory(api.name))
      .filter(({ kind }) => KINDS.includes(kind))
      .map(({ kind, id, name }) => [`${kind} ${id}`, name]),
  );
  return differenceOf(known, estate, 'the inventory');
}

/** Whether what was said of the inventory is true, and comes to what there is. */
export async function judgeInventory({ backend, storage, trace }: World, api: SimulatedApi): Promise<void> {
  const { estate, name } = api;
  if (estate === undefined) return;
  const parked = new Set((await storage.parkedInventory(name)).map(({ kind, id }) => `${kind} ${id}`));
  const told = new Map<string, LogRecord>();
  for (const { record } of backend.stored.values()) {
    const { resource, attributes } = record;
    if (resource['service.name'] !== SERVICE || resource['organization.name'] !== name) continue;
    judgeNews(record, estate, trace);
    const node = nodeOf(attributes);
    // What was parked and is sent again comes behind what is newer; a clock that is set back begins another way.
    const before = told.get(node);
    const isNewest = before === undefined || isNewer(record, before);
    if (record.eventName.startsWith('entity.') && isNewest) told.set(node, record);
  }
  const left = [...told].filter(([, { eventName }]) => eventName === 'entity.state');
  const names = new Map(left.map(([node, record]) => [node, nameIn(record)]));
  const wrong = differenceOf(names, estate, 'what was told', parked);
  if (wrong !== undefined) trace.violation('inventory', wrong);
}

function isNewer(one: LogRecord, other: LogRecord): boolean {
  const [n, last] = [wayOf(one), wayOf(other)];
  return n > last || (n === last && one.timestamp >= other.timestamp);
}

/** The number in `acme/inventory/2`. */
function wayOf({ resource }: LogRecord): number {
  return Number(String(resource['service.instance.id']).split('/')[2]);
}

function judgeNews({ eventName, attributes }: LogRecord, estate: SimulatedEstate, trace: World['trace']): void {
  const change = NEWS.exec(eventName)?.[1];
  const kind = String(attributes['openai.inventory.kind']);
  if (change === undefined || !KINDS.includes(kind)) return;
  const node = `${kind} ${attributes['openai.inventory.id']}`;
  if (change === 'added' && !estate.wasEver(node)) trace.violation('inventory', `${node} was added and never was`);
  if (change === 'removed' && !estate.wasGone(node)) trace.violation('inventory', `${node} was removed and never gone`);
}

function nodeOf(attributes: LogRecord['attributes']): string {
  const id = attributes['entity.id'] as Readonly<Record<string, string>> | undefined;
  return `${String(attributes['entity.type']).replace('openai.', '')} ${Object.values(id ?? {}).join('/')}`;
}

function nameIn({ attributes }: LogRecord): string | undefined {
  return (attributes['entity.description'] as { readonly name?: string } | undefined)?.name;
}

function differenceOf(
  known: ReadonlyMap<string, string | undefined>,
  estate: SimulatedEstate,
  whose: string,
  except: ReadonlySet<string> = new Set(),
): string | undefined {
  const { present, names } = estate;
  const isJudged = (node: string) =>
    KINDS.includes(node.split(' ')[0] ?? '') && !except.has(node) && !estate.isUntold(node);
  const missing = [...present].find(node => isJudged(node) && !known.has(node));
  if (missing !== undefined) return `${whose} lacks ${missing}`;
  const surplus = [...known.keys()].find(node => isJudged(node) && !present.has(node));
  if (surplus !== undefined) return `${whose} has ${surplus}, which is gone`;
  const misnamed = [...names].find(([node, name]) => isJudged(node) && known.get(node) !== name);
  return misnamed === undefined
    ? undefined
    : `${whose} calls ${misnamed[0]} ${known.get(misnamed[0])}, not ${misnamed[1]}`;
}
