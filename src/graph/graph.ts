import type { Id, Reference } from '../inventory/entity.ts';
import type { RelationType } from '../inventory/kind.ts';
import { idText, unpacked } from '../inventory/thing.ts';
import type { Value } from '../record.ts';

/** Things of an inventory and how they are related, in an order that does not depend on how they were read. */
export interface Graph {
  readonly organization: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  /** Kind and id: no other node has it. */
  readonly key: string;
  readonly kind: string;
  /** One text for what identifies it among its kind: the API's id, after that of the project where the API repeats ids. */
  readonly id: string;
  readonly name: string | undefined;
  /** Undefined for one that is not in the inventory, and is known only by what points to it. */
  readonly seen: Seen | undefined;
}

interface Seen {
  readonly parts: Id;
  readonly description: Readonly<Record<string, Value>>;
  /** Unix milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface GraphEdge {
  /** Keys of nodes. */
  readonly from: string;
  readonly type: RelationType;
  readonly to: string;
  /** When what tells of it was last written down, Unix milliseconds. */
  readonly lastMs: number;
}

/** A thing as the state keeps it. */
export interface Item {
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
  readonly content: string;
  readonly firstSeenMs: number;
  readonly reportedMs: number;
}

/** Things are nodes; what only joins two, such as a membership, is the edges that it tells of. */
export function graphOf(organization: string, items: Iterable<Item>): Graph {
  const growing = new GrowingGraph(organization);
  for (const item of items) growing.add(item);
  return growing.graph;
}

/** A graph that is made bit by bit: tens of thousands of things take a second, in which nothing else would be done. */
export class GrowingGraph {
  readonly #organization: string;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();

  constructor(organization: string) {
    this.#organization = organization;
  }

  add({ kind, id, name, content, firstSeenMs, reportedMs }: Item): void {
    const { form, id: parts, description, relations } = unpacked(content);
    const key = keyOf(kind, id);
    const seen = { parts, description, firstMs: firstSeenMs, lastMs: reportedMs };
    if (form === 'node') this.#nodes.set(key, { key, kind, id, name, seen });
    for (const { from, type, to } of relations) {
      const edge = { from: referenceKey(from), type, to: referenceKey(to), lastMs: reportedMs };
      this.#edges.set(JSON.stringify([edge.from, type, edge.to]), edge);
      for (const end of [from, to]) {
        if (!this.#nodes.has(referenceKey(end))) this.#nodes.set(referenceKey(end), unseen(end));
      }
    }
  }

  get graph(): Graph {
    return { organization: this.#organization, nodes: inOrder(this.#nodes), edges: inOrder(this.#edges) };
  }
}

function unseen({ kind, id }: Reference): GraphNode {
  return { key: keyOf(kind, idText(id)), kind, id: idText(id), name: undefined, seen: undefined };
}

function referenceKey({ kind, id }: Reference): string {
  return keyOf(kind, idText(id));
}

function keyOf(kind: string, id: string): string {
  return `${kind} ${id}`;
}

function inOrder<T>(byKey: ReadonlyMap<string, T>): readonly T[] {
  return Array.from(byKey)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each);
}
