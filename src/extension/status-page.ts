import { duration, instant, number } from '../format.ts';
import type { EventStatus, Problem, Status } from '../telemetry/status.ts';
import { framed, type Tone } from './frame.ts';
import { type Html, html } from './html.ts';
import { organizationPart } from './organization-part.ts';
import type { Page } from './server.ts';

const REFRESH_S = 10;

/** The state of the collector for a person. Everything in it is escaped; it holds no script. */
export function statusPage(status: Status, { isPaused }: { readonly isPaused: boolean }): Page {
  const { version, nowMs, startedAtMs = nowMs, backend, storage, organizations, problems, events } = status;
  const renewing = isPaused
    ? html`As of then; <a href="/">renew it every ${REFRESH_S} s</a>`
    : html`Renewed every ${REFRESH_S} s; <a href="/?paused">pause</a>`;
  const body = html`<header>
<h1>openai-audit-collector <span class="${tone(status)}">${title(status)}</span></h1>
<p class="quiet">${version}, up for ${duration((nowMs - startedAtMs) / 1000)}, to <code>${backend}</code>, state
<code>${storage.path}</code> (${bytes(storage.bytes)}). ${instant(nowMs)}. ${renewing}</p>
</header>
<main>
${problems.length === 0 ? '' : html`<section><h2 class="first">To know</h2><ul>${problems.map(problemItem)}</ul></section>`}
${organizations.map(each => organizationPart(each, nowMs))}
${events === undefined ? '' : eventsPart(events)}
</main>`;
  return framed({ title: title(status), tone: tone(status), refreshS: isPaused ? undefined : REFRESH_S, body });
}

function title(status: Status): string {
  if (status.problems.some(({ severity }) => severity === 'act')) return 'needs you';
  if (isStarting(status)) return 'starting';
  return status.problems.length > 0 ? 'works on it' : 'all is well';
}

function tone(status: Status): Tone {
  if (status.problems.some(({ severity }) => severity === 'act')) return 'bad';
  return isStarting(status) || status.problems.length > 0 ? 'wait' : 'good';
}

/** Nothing is known yet of some stream, which is not to say that all is well. */
function isStarting({ ready, organizations }: Status): boolean {
  return !ready || organizations.some(({ streams }) => streams.some(({ state }) => state === 'starting'));
}

function problemItem({ severity, organization, stream, message }: Problem): Html {
  const place = [organization, stream].filter(each => each !== undefined).join('/');
  return html`<li class="${severity === 'act' ? 'bad' : 'wait'}">${place}: ${message}</li>`;
}

function eventsPart(events: readonly EventStatus[]): Html {
  const item = ({ organization, stream, atMs, name, summary }: EventStatus) => html`<li>
<span class="quiet">${instant(atMs)}, ${organization}/${stream}, <code>${name.replace(/^openai\.audit\./, '')}</code></span><br>${summary}</li>`;
  const shown =
    events.length === 0
      ? html`<p class="quiet">None was delivered since the start.</p>`
      : html`<ul class="events">${events.map(item)}</ul>`;
  return html`<h2>Newest events</h2>
<section>${shown}</section>`;
}

function bytes(count: number): string {
  return count < 1e6 ? `${number(Math.ceil(count / 1e3))} kB` : `${(count / 1e6).toFixed(1)} MB`;
}
