import type { Graph, GraphNode } from './graph.ts';

/** A flowchart for Markdown. What is only pointed to is dashed. */
export function mermaidOf({ nodes, edges }: Graph): string {
  // Its ids take few characters, and not every word.
  const ids = new Map(nodes.map(({ key }, index) => [key, `n${index}`]));
  const missing = nodes.filter(({ seen }) => seen === undefined).map(({ key }) => ids.get(key));
  return [
    'flowchart LR',
    ...nodes.map(node => `  ${ids.get(node.key)}["${labelOf(node)}"]`),
    ...edges.map(({ from, type, to }) => `  ${ids.get(from)} -->|${type}| ${ids.get(to)}`),
    ...(missing.length === 0 ? [] : ['  classDef missing stroke-dasharray: 4', `  class ${missing.join(',')} missing`]),
    '',
  ].join('\n');
}

function labelOf({ kind, id, name }: GraphNode): string {
  const identity = escaped(`${kind} ${id}`);
  return name === undefined ? identity : `${escaped(name)}<br/>${identity}`;
}

/** Whatever could be read as Mermaid, Markdown or HTML becomes a character by its number. */
function escaped(text: string): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.replace(/[^\p{L}\p{N}\p{M} .,:@/()_-]/gu, character => `#${character.codePointAt(0)};`);
}
