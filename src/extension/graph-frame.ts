import { framed } from './frame.ts';
import { graphUrl } from './graph-url.ts';
import { type Html, html } from './html.ts';
import type { Page } from './server.ts';

/** Of what is looked for. */
export const LONGEST_FIND = 200;

export interface GraphFrame {
  readonly organization: string;
  /** Names of all that can be looked at. */
  readonly organizations: readonly string[];
  readonly title: string;
  /** What was looked for. */
  readonly find?: string;
  readonly body: Html;
}

/** A page about an organization's graph: the ways to others, a field that finds things, a title. */
export function graphFrame({ organization, organizations, title, find = '', body }: GraphFrame): Page {
  return framed({
    title,
    body: html`${header(organizations, organization)}
<main>
<form action="/graph" role="search"><input type="hidden" name="organization" value="${organization}">
<label for="find">Name, id or mail address</label> <input type="search" id="find" name="find" value="${find}" maxlength="${LONGEST_FIND}">
<button>find</button></form>
<h1>${title}</h1>
${body}
</main>`,
  });
}

/** What is asked for is not there. */
export function notFound(organizations: readonly string[], message: string, organization?: string): Page {
  return framed({
    status: 404,
    title: 'not found',
    body: html`${header(organizations, organization)}<main><h1>Not found</h1><p>${message}</p></main>`,
  });
}

function header(organizations: readonly string[], current?: string): Html {
  const others = organizations.map(
    name => html` <a href="${graphUrl(name)}"${name === current ? html` aria-current="true"` : ''}>${name}</a>`,
  );
  return html`<nav aria-label="places"><a href="/">status</a> ${others}</nav>`;
}
