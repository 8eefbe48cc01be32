import { setImmediate } from 'node:timers/promises';
import { instant } from '../format.ts';
import { type Graph, type GraphNode, GrowingGraph, type Item } from '../graph/graph.ts';
import { type Neighbours, neighbourhood } from '../graph/neighbourhood.ts';
import { graphFrame, LONGEST_FIND, notFound } from './graph-frame.ts';
import { kindList, neighbourList, nodeList } from './graph-list.ts';
import { graphPicture, titleOf } from './graph-picture.ts';
import { type GraphPlace, graphUrl } from './graph-url.ts';
import { type Html, html } from './html.ts';
import { counted, typeWords } from './kind-words.ts';
import { type Asked, type Page, type Pages, plain } from './server.ts';

/** Where the graphs come from. */
export interface Graphs {
  /** Names of those that are collected. */
  readonly organizations: readonly string[];
  /** What the backend acknowledged last of one. */
  inventory(organization: string): Promise<readonly Item[]>;
}

/** So many things are read before somebody else has a turn: collecting does not wait for who looks at it. */
const TURN = 500;

/** What exists in an organization, as a picture that can be walked: from each thing to what is next to it. */
export function graphPages(graphs: Graphs): Pages {
  // One after another: each holds an inventory in memory.
  let last: Promise<unknown> = Promise.resolve();
  return {
    '/graph': asked => {
      const page = last.then(() => graphPage(graphs, asked));
      last = page.catch(() => undefined);
      return page;
    },
  };
}

async function graphPage(graphs: Graphs, { query, isLocal }: Asked): Promise<Page> {
  if (!isLocal)
    return plain(403, 'people and keys by name are shown to this machine alone; elsewhere use the command graph');
  const { organizations } = graphs;
  const organization = query.get('organization') ?? organizations[0] ?? '';
  if (!organizations.includes(organization))
    return notFound(organizations, 'There is no organization of this name here.');
  const graph = await graphOf(organization, await graphs.inventory(organization));
  if (graph.nodes.length === 0) {
    return notFound(
      organizations,
      'Nothing of its inventory is known yet: it is as soon as the backend has acknowledged it.',
    );
  }
  return shown(graph, placeOf(query), organizations);
}

async function graphOf(organization: string, items: readonly Item[]): Promise<Graph> {
  const growing = new GrowingGraph(organization);
  for (const [i, item] of items.entries()) {
    if (i % TURN === TURN - 1) await setImmediate();
    growing.add(item);
  }
  return growing.graph;
}

function placeOf(query: URLSearchParams): GraphPlace {
  const text = (name: string) => {
    const value = query.get(name)?.trim().slice(0, LONGEST_FIND);
    return value === undefined || value === '' ? {} : { [name]: value };
  };
  const page = Number(query.get('page') ?? 1);
  const around = query.get('around');
  return {
    ...(around === null ? {} : { around }),
    ...text('type'),
    ...text('way'),
    ...text('kind'),
    ...text('find'),
    ...(Number.isSafeInteger(page) ? { page } : {}),
  };
}

function shown(graph: Graph, place: GraphPlace, organizations: readonly string[]): Page {
  const { organization, nodes } = graph;
  const { around, type, kind, find } = place;
  const frame = { organization, organizations };
  if (find !== undefined) {
    const found = nodes.filter(node => holds(node, find));
    const body = nodeList(organization, found, place);
    return graphFrame({ ...frame, title: `${found.length} found`, find, body });
  }
  if (around === undefined && kind !== undefined) {
    const some = nodes.filter(node => node.kind === kind);
    const body = nodeList(organization, some, place);
    return graphFrame({ ...frame, title: counted(some.length, kind), body });
  }
  const centre = around === undefined ? start(graph) : nodes.find(({ key }) => key === around);
  if (centre === undefined) return notFound(organizations, 'There is no such thing here, or no longer.', organization);
  const neighbours = neighbourhood(graph, centre);
  if (type !== undefined) return graphFrame({ ...frame, ...groupPart(organization, centre, neighbours, place) });
  return graphFrame({ ...frame, title: titleOf(centre), body: centrePart(graph, centre, neighbours) });
}

function centrePart({ organization, nodes }: Graph, centre: GraphNode, neighbours: readonly Neighbours[]): Html {
  const list = neighbourList(organization, centre, neighbours);
  return html`${factsOf(centre)}
<section><div class="narrow">${list}</div>${graphPicture(organization, centre, neighbours)}
<details class="wide"><summary>The same as a list</summary>${list}</details></section>
${centre.kind === 'organization' ? html`<h2>Everything by kind</h2>${kindList(organization, nodes)}` : ''}`;
}

/** What is next to a thing in one way. */
function groupPart(
  organization: string,
  centre: GraphNode,
  neighbours: readonly Neighbours[],
  place: GraphPlace,
): { readonly title: string; readonly body: Html } {
  const { type = '', way, kind = '' } = place;
  const isOut = way !== 'in';
  const group = neighbours.find(each => each.type === type && each.kind === kind && each.isOut === isOut);
  const nodes = group?.nodes ?? [];
  const name = html`<a href="${graphUrl(organization, { around: centre.key })}">${titleOf(centre)}</a>`;
  const how = isOut ? html`${name} ${typeWords(type)} them` : html`${typeWords(type)} ${name}`;
  return { title: counted(nodes.length, kind), body: html`<p>${how}</p>${nodeList(organization, nodes, place)}` };
}

/** The organization itself; where it is not in the inventory, whatever comes first. */
function start({ nodes }: Graph): GraphNode | undefined {
  return nodes.find(({ kind }) => kind === 'organization') ?? nodes[0];
}

function holds({ id, name, seen }: GraphNode, text: string): boolean {
  const email = seen?.description.email;
  const wanted = text.toLowerCase();
  return [id, name, typeof email === 'string' ? email : ''].some(each => each?.toLowerCase().includes(wanted));
}

function factsOf({ id, seen }: GraphNode): Html {
  const times =
    seen === undefined
      ? 'not in the inventory: known only by what points to it'
      : `first seen ${instant(seen.firstMs)}, last reported ${instant(seen.lastMs)}`;
  return html`<p class="quiet"><code>${id}</code>, ${times}</p>`;
}
