import type { Graph, GraphNode } from './graph.ts';

/** For Graphviz: `dot -Tsvg`. What is only pointed to is dashed. */
export function dotOf({ organization, nodes, edges }: Graph): string {
  return [
    `digraph ${quoted(organization)} {`,
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...nodes.map(node => `  ${quoted(node.key)} [${attributesOf(node)}];`),
    ...edges.map(({ from, type, to }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(type)}];`),
    '}',
    '',
  ].join('\n');
}

function attributesOf({ key, name, seen }: GraphNode): string {
  // Between the lines stands the escape that begins a new one.
  const told = name === undefined ? [key] : [name, key];
  const label = `label="${told.map(escaped).join('\\n')}"`;
  return seen === undefined ? `${label}, style="rounded,dashed"` : label;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** A backslash would begin one of its escapes, such as the name of the graph. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\\"]/g, '\\$&')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
