import { jsonText } from '../json-text.ts';
import type { Value } from '../record.ts';
import type { Graph, GraphNode } from './graph.ts';

/** `{ organization, nodes: [...], edges: [...] }`: a node or edge a line. Times are Unix seconds. */
export function jsonOf({ organization, nodes, edges }: Graph): string {
  const ends = new Map(nodes.map(({ key, kind, id }) => [key, { kind, id }]));
  const endOf = (key: string) => ends.get(key) ?? null;
  const links = edges.map(({ from, type, to }) => ({ from: endOf(from), type, to: endOf(to) }));
  return shellSafe(`{
  "organization": ${jsonText(organization)},
  "nodes": ${lines(nodes.map(nodeValue))},
  "edges": ${lines(links)}
}
`);
}

function nodeValue({ kind, id, name, seen }: GraphNode): Value {
  const named = { kind, id, ...(name === undefined ? {} : { name }) };
  if (seen === undefined) return { ...named, missing: true };
  const { description, firstMs, lastMs } = seen;
  return { ...named, firstseen: seconds(firstMs), lastupdated: seconds(lastMs), description };
}

/** JSON lets stand what steers some terminals, or ends a line for some readers. */
function shellSafe(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}]/gu, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function lines(values: readonly Value[]): string {
  return values.length === 0 ? '[]' : `[\n${values.map(value => `    ${jsonText(value)}`).join(',\n')}\n  ]`;
}
