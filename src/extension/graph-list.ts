import { number } from '../format.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Neighbours } from '../graph/neighbourhood.ts';
import { type GraphPlace, graphUrl } from './graph-url.ts';
import { type Html, html } from './html.ts';
import { counted, kindWords, typeWords } from './kind-words.ts';
import { cell, head, table } from './parts.ts';

const PAGE = 100;
/** So many names stand in a line. */
const MOST_NAMES = 5;

/** Things in their order, some at a time; each leads to its picture. */
export function nodeList(organization: string, nodes: readonly GraphNode[], place: GraphPlace): Html {
  const pages = Math.max(1, Math.ceil(nodes.length / PAGE));
  const page = Math.min(pages, Math.max(1, place.page ?? 1));
  const rows = nodes
    .slice((page - 1) * PAGE, page * PAGE)
    .map(
      ({ key, kind, id, name }) =>
        html`<tr>${cell(html`<a href="${graphUrl(organization, { around: key })}">${name ?? id}</a>`)}${cell(kindWords(kind))}${cell(html`<code>${id}</code>`)}</tr>`,
    );
  const turn = (to: number, words: string) =>
    to < 1 || to > pages ? html`` : html`<a href="${graphUrl(organization, { ...place, page: to })}">${words}</a> `;
  const turns =
    pages === 1
      ? ''
      : html`<p>${turn(page - 1, 'previous')}page ${page} of ${number(pages)} ${turn(page + 1, 'next')}</p>`;
  return html`<section>${table('things', [head('name'), head('kind'), head('id')], rows)}${turns}</section>`;
}

/** The same as the picture, for who cannot see it, or has a small screen. */
export function neighbourList(organization: string, centre: GraphNode, neighbours: readonly Neighbours[]): Html {
  const item = ({ type, isOut, kind, nodes }: Neighbours) => {
    const all = graphUrl(organization, { around: centre.key, type, way: isOut ? 'out' : 'in', kind });
    const some = nodes
      .slice(0, MOST_NAMES)
      .map(
        ({ key, name, id }, i) =>
          html`${i === 0 ? '' : ', '}<a href="${graphUrl(organization, { around: key })}">${name ?? id}</a>`,
      );
    const more = nodes.length <= MOST_NAMES ? '' : html`, <a href="${all}">all ${number(nodes.length)}</a>`;
    const [many, how] = [counted(nodes.length, kind), typeWords(type)];
    return html`<li>${isOut ? `${how} ${many}` : `${many} ${how} it`}: ${some}${more}</li>`;
  };
  return html`<ul>${neighbours.map(item)}</ul>`;
}

/** How many there are of each kind. */
export function kindList(organization: string, nodes: readonly GraphNode[]): Html {
  const byKind = [...Map.groupBy(nodes, ({ kind }) => kind)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const items = byKind.map(
    ([kind, some]) => html`<a href="${graphUrl(organization, { kind })}">${counted(some.length, kind)}</a>`,
  );
  return html`<p class="kinds">${items}</p>`;
}
