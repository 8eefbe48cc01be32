import type { RelationType } from '../inventory/kind.ts';
import type { Graph, GraphNode } from './graph.ts';

/** Things of one kind that are next to another one, all in the same way. */
export interface Neighbours {
  readonly type: RelationType;
  /** Whether the edge leads away from it. */
  readonly isOut: boolean;
  readonly kind: string;
  /** By name; at least one. */
  readonly nodes: readonly GraphNode[];
}

const COLLATOR = new Intl.Collator('en');

/** Says the same as `owns`, from the other end. */
const MIRRORED: RelationType = 'owned_by';

/** What is next to a thing, by how it is. */
export function neighbourhood({ nodes, edges }: Graph, { key }: GraphNode): readonly Neighbours[] {
  const byKey = new Map(nodes.map(node => [node.key, node]));
  const groups = new Map<string, { type: RelationType; isOut: boolean; kind: string; nodes: GraphNode[] }>();
  const add = (type: RelationType, isOut: boolean, node: GraphNode | undefined) => {
    if (node === undefined) return;
    const id = `${isOut} ${node.kind} ${type}`;
    const group = groups.get(id) ?? { type, isOut, kind: node.kind, nodes: [] };
    groups.set(id, group);
    group.nodes.push(node);
  };
  for (const { from, type, to } of edges) {
    if (type === MIRRORED) continue;
    if (from === key) add(type, true, byKey.get(to));
    else if (to === key) add(type, false, byKey.get(from));
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => ({ ...group, nodes: group.nodes.toSorted(byName) }));
}

function byName(a: GraphNode, b: GraphNode): number {
  return COLLATOR.compare(a.name ?? a.id, b.name ?? b.id) || (a.key < b.key ? -1 : 1);
}
