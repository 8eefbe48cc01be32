import type { Graph, GraphEdge, GraphNode } from './graph.ts';

/** The nodes of some kinds, and the edges between them. */
export function ofKinds(graph: Graph, kinds: ReadonlySet<string>): Graph {
  return partOf(graph, ({ kind }) => kinds.has(kind));
}

/** The nodes that an id names: the whole of it, or its last part. */
export function nodesNamed({ nodes }: Graph, id: string): readonly GraphNode[] {
  const whole = nodes.filter(node => node.id === id);
  return whole.length > 0 ? whole : nodes.filter(node => node.id.endsWith(`/${id}`));
}

/**
 * What is at most so many edges away from some nodes, in whatever direction, and the edges between all that. No way leads
 * through the organization, unless it begins there: everything is next to it.
 */
export function around(graph: Graph, centres: readonly GraphNode[], depth: number): Graph {
  const kindOf = new Map(graph.nodes.map(({ key, kind }) => [key, kind]));
  const next = neighbours(graph.edges);
  const reached = new Set(centres.map(({ key }) => key));
  let frontier = [...reached];
  for (let step = 0; step < depth && frontier.length > 0; step += 1) {
    const passable = frontier.filter(key => step === 0 || kindOf.get(key) !== 'organization');
    frontier = [...new Set(passable.flatMap(key => next.get(key) ?? []))].filter(key => !reached.has(key));
    for (const key of frontier) reached.add(key);
  }
  return partOf(graph, ({ key }) => reached.has(key));
}

function partOf({ organization, nodes, edges }: Graph, belongs: (node: GraphNode) => boolean): Graph {
  const kept = nodes.filter(belongs);
  const keys = new Set(kept.map(({ key }) => key));
  return { organization, nodes: kept, edges: edges.filter(({ from, to }) => keys.has(from) && keys.has(to)) };
}

function neighbours(edges: readonly GraphEdge[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = next.get(from);
    if (known === undefined) next.set(from, [to]);
    else known.push(to);
  };
  for (const { from, to } of edges) {
    add(from, to);
    add(to, from);
  }
  return next;
}
