import { type Html, html } from './html.ts';

/** One of the facts of a list: `dl`. */
export function fact(name: string, value: string | Html): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** A table that may be wider than the page, which then is not: it scrolls by itself, also by keys. */
export function table(label: string, head: readonly Html[], rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${head}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

export function head(name: string, kind: '' | 'n' = ''): Html {
  return html`<th scope="col" class="${kind}">${name}</th>`;
}

export function cell(value: string | Html, kind: '' | 'n' | 'said' | 'path' = ''): Html {
  return html`<td class="${kind}">${value}</td>`;
}
