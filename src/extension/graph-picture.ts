import type { GraphNode } from '../graph/graph.ts';
import type { Neighbours } from '../graph/neighbourhood.ts';
import { graphUrl } from './graph-url.ts';
import { type Html, html } from './html.ts';
import { counted, kindWords, typeWords } from './kind-words.ts';

const BOX = { width: 212, height: 40 };
const ROW = 48;
/** Room for edges and what they say. */
const BETWEEN = 150;
const MARGIN = 6;
/** So many boxes stand below each other at most, as far as kinds allow: what is many is one box. */
const MOST_ROWS = 16;
/** So many of one group are shown singly. */
const MOST_SINGLE = 8;
/** In a box, text begins so far from its left and right. */
const PADDING = 10;

interface Box {
  readonly name: string;
  /** Below the name. */
  readonly more: string;
  readonly title: string;
  readonly url: string;
  readonly isMany: boolean;
  readonly isSeen: boolean;
}

interface Group {
  readonly how: string;
  readonly boxes: readonly Box[];
}

/** A thing, and what is next to it: on the left what points to it, on the right what it points to. Each box leads on. */
export function graphPicture(organization: string, centre: GraphNode, neighbours: readonly Neighbours[]): Html {
  const side = (isOut: boolean) =>
    grouped(
      neighbours.filter(each => each.isOut === isOut),
      organization,
      centre,
    );
  const [left, right] = [side(false), side(true)];
  const rows = Math.max(1, ...[left, right].map(groups => groups.reduce((sum, { boxes }) => sum + boxes.length, 0)));
  const height = rows * ROW + 2 * MARGIN;
  const centreX = MARGIN + (left.length === 0 ? 0 : BOX.width + BETWEEN);
  const width = centreX + BOX.width + MARGIN + (right.length === 0 ? 0 : BOX.width + BETWEEN);
  const middle = { x: centreX, y: height / 2 };
  const place = { centre: middle, height };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="picture of ${titleOf(centre)}"><svg class="graph" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${titleOf(centre)} and what is next to it">
<defs><marker id="arrow" class="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
${sidePart(left, false, place)}
${sidePart(right, true, place)}
<g class="centre">${boxPart({ ...oneBox(centre, organization), url: '' }, middle.x, middle.y)}</g>
</svg></div>`;
}

/** The largest groups become one box each, until the rest finds room. */
function grouped(neighbours: readonly Neighbours[], organization: string, centre: GraphNode): readonly Group[] {
  const isMany = new Set(neighbours.filter(({ nodes }) => nodes.length > MOST_SINGLE));
  const rows = () => neighbours.reduce((sum, each) => sum + (isMany.has(each) ? 1 : each.nodes.length), 0);
  const bySize = neighbours.filter(each => !isMany.has(each)).toSorted((a, b) => b.nodes.length - a.nodes.length);
  for (const each of bySize) if (rows() > MOST_ROWS && each.nodes.length > 1) isMany.add(each);
  return neighbours.map(each => ({
    how: typeWords(each.type),
    boxes: isMany.has(each)
      ? [manyBox(each, organization, centre)]
      : each.nodes.map(node => oneBox(node, organization)),
  }));
}

/** What has no name is called by its kind. */
function oneBox(node: GraphNode, organization: string): Box {
  const { key, kind, name, id, seen } = node;
  const [first, more] = name === undefined ? [kindWords(kind), id] : [name, kindWords(kind)];
  const url = graphUrl(organization, { around: key });
  return { name: first, more, title: titleOf(node), url, isMany: false, isSeen: seen !== undefined };
}

function manyBox({ type, isOut, kind, nodes }: Neighbours, organization: string, { key }: GraphNode): Box {
  const url = graphUrl(organization, { around: key, type, way: isOut ? 'out' : 'in', kind });
  const name = counted(nodes.length, kind);
  return { name, more: 'show them', title: name, url, isMany: true, isSeen: true };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function sidePart(
  groups: readonly Group[],
  isOut: boolean,
  { centre, height }: { centre: Point; height: number },
): Html {
  const rows = groups.reduce((sum, { boxes }) => sum + boxes.length, 0);
  const top = (height - rows * ROW) / 2 + ROW / 2;
  const x = isOut ? centre.x + BOX.width + BETWEEN : centre.x - BETWEEN - BOX.width;
  let row = 0;
  const parts = groups.map(({ how, boxes }) => {
    const places = boxes.map(box => ({ box, y: top + ROW * row++ }));
    return html`${edgesPart(
      how,
      places.map(({ y }) => y),
      x,
      isOut,
      centre,
    )}${places.map(({ box, y }) => boxPart(box, x, y))}`;
  });
  return html`${parts}`;
}

/** Edges of one group meet before its boxes, where it stands what they say. */
function edgesPart(how: string, ys: readonly number[], boxX: number, isOut: boolean, centre: Point): Html {
  const y = ys.reduce((sum, each) => sum + each, 0) / ys.length;
  const [start, end, meet] = isOut
    ? [centre.x + BOX.width, boxX, boxX - 28]
    : [centre.x, boxX + BOX.width, boxX + BOX.width + 28];
  const half = (start + meet) / 2;
  const trunk = isOut
    ? `M${start} ${centre.y}C${half} ${centre.y} ${half} ${y} ${meet} ${y}`
    : `M${meet} ${y}C${half} ${y} ${half} ${centre.y} ${start} ${centre.y}`;
  const arrow = html` marker-end="url(#arrow)"`;
  const branches = ys.map(each => {
    const path = isOut ? `M${meet} ${y}L${end} ${each}` : `M${end} ${each}L${meet} ${y}`;
    return html`<path class="edge" d="${path}"${isOut ? arrow : ''}/>`;
  });
  return html`<path class="edge" d="${trunk}"${isOut ? '' : arrow}/>${branches}
<text class="how" x="${meet}" y="${y - 6}" text-anchor="${isOut ? 'end' : 'start'}">${how}</text>`;
}

function boxPart({ name, more, title, url, isMany, isSeen }: Box, x: number, y: number): Html {
  const top = y - BOX.height / 2;
  const rect = (by: number) =>
    html`<rect x="${x + by}" y="${top + by}" width="${BOX.width}" height="${BOX.height}" rx="6"/>`;
  // An inner picture cuts off what is too long.
  const drawn = html`<title>${title}</title>${isMany ? rect(4) : ''}${rect(0)}<svg x="${x + PADDING}" y="${top}" width="${BOX.width - 2 * PADDING}" height="${BOX.height}"><text class="name" y="17">${name}</text><text class="kind" y="32">${more}</text></svg>`;
  const box = isSeen ? drawn : html`<g class="unseen">${drawn}</g>`;
  return url === '' ? box : html`<a href="${url}">${box}</a>`;
}

/** `user Ada Lovelace` */
export function titleOf({ kind, name, id }: GraphNode): string {
  return `${kindWords(kind)} ${name ?? id}`;
}
