import { jsonText } from '../json-text.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';

const NODE = ['kind', 'id', 'name', 'firstseen', 'lastupdated', 'missing', 'description'] as const;
const TYPES: Readonly<Record<string, string>> = { firstseen: 'long', lastupdated: 'long', missing: 'boolean' };

/** For Gephi, yEd, NetworkX and others. Times are Unix seconds; a node's description is JSON. */
export function graphmlOf({ organization, nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ key }, index) => [key, `n${index}`]));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...NODE.map(name => `  <key id="${name}" for="node" attr.name="${name}" attr.type="${TYPES[name] ?? 'string'}"/>`),
    '  <key id="type" for="edge" attr.name="type" attr.type="string"/>',
    `  <graph id="${escaped(organization)}" edgedefault="directed">`,
    ...nodes.flatMap(node => [`    <node id="${ids.get(node.key)}">`, ...dataOf(node), '    </node>']),
    ...edges.flatMap(edge => edgeLines(edge, ids)),
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

function dataOf({ kind, id, name, seen }: GraphNode): readonly string[] {
  const values: Partial<Record<(typeof NODE)[number], string | undefined>> = {
    ...{ kind, id, name },
    ...(seen === undefined
      ? { missing: 'true' }
      : {
          firstseen: String(Math.floor(seen.firstMs / 1000)),
          lastupdated: String(Math.floor(seen.lastMs / 1000)),
          description: jsonText(seen.description),
        }),
  };
  return NODE.flatMap(key => {
    const value = values[key];
    return value === undefined ? [] : [`      <data key="${key}">${escaped(value)}</data>`];
  });
}

function edgeLines({ from, type, to }: GraphEdge, ids: ReadonlyMap<string, string>): readonly string[] {
  return [
    `    <edge source="${ids.get(from)}" target="${ids.get(to)}">`,
    `      <data key="type">${type}</data>`,
    '    </edge>',
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What XML 1.0 cannot hold, even by its number, is replaced. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, character => `&#${character.charCodeAt(0)};`);
}
