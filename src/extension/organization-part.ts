import { duration, instant, number, since } from '../format.ts';
import { amount, percent, SAID } from '../progress/line.ts';
import type {
  DeliveryStatus,
  InventoryStatus,
  OrganizationStatus,
  ParkedStatus,
  RouteStatus,
  WorkStatus,
} from '../telemetry/status.ts';
import { graphUrl } from './graph-url.ts';
import { type Html, html } from './html.ts';
import { counted } from './kind-words.ts';
import { cell, fact, head, table } from './parts.ts';
import { streamPart } from './stream-part.ts';

/** What is known of one organization. */
export function organizationPart(organization: OrganizationStatus, nowMs: number): Html {
  const { name, delivery, works, streams, routes, parked, inventory } = organization;
  return html`<h2>${name}</h2>
${works.length === 0 ? '' : html`<section><h3>Under way</h3>${works.map(work => workPart(work, nowMs))}</section>`}
${streams.map(stream => streamPart(stream, nowMs))}
${delivery === undefined ? '' : deliveryPart(delivery, nowMs)}
${parked.length === 0 ? '' : parkedPart(parked)}
${inventory === undefined ? '' : inventoryPart(name, inventory, nowMs)}
${routes.length === 0 ? '' : routesPart(routes, nowMs)}`;
}

function workPart(work: WorkStatus, nowMs: number): Html {
  const { kind, stream = '', done, total, endsAtMs } = work;
  const left = endsAtMs === undefined ? 'no end is known yet' : `about ${duration((endsAtMs - nowMs) / 1000)} left`;
  const label = `${SAID[kind]} ${stream}`.trim();
  return html`<p>${label}: ${percent(work)} %, ${amount(work)}, ${left}
<progress max="${total}" value="${done}" aria-label="${label}"></progress></p>`;
}

function deliveryPart(delivery: DeliveryStatus, nowMs: number): Html {
  const { state, message, sinceMs, lastAcknowledgedAtMs, tookMs, retries } = delivery;
  const tones = { idle: 'quiet', delivering: 'good', retrying: 'wait', held: 'bad' } as const;
  return html`<section>
<h3>Delivery <span class="state ${tones[state]}">${state}</span></h3>
${message === undefined ? '' : html`<p>${message}</p>`}
<dl>
${sinceMs === undefined ? '' : fact('since', since(sinceMs, nowMs))}
${fact('last delivery', lastAcknowledgedAtMs === undefined ? 'nothing yet' : since(lastAcknowledgedAtMs, nowMs))}
${fact('took', tookMs === undefined ? '-' : `${number(tookMs)} ms`)}
${fact('attempts that failed', number(retries))}
</dl></section>`;
}

function parkedPart(parked: readonly ParkedStatus[]): Html {
  const columns = [head('what'), head('reason'), head('records', 'n'), head('the backend said')];
  const rows = parked.map(
    ({ kind, reason, records, message }) =>
      html`<tr>${cell(kind)}${cell(reason)}${cell(number(records), 'n')}${cell(message, 'said')}</tr>`,
  );
  return html`<section><h3>Parked</h3>${table('parked records', columns, rows)}
<p class="quiet"><code>replay</code> lists them, and sends them again.</p></section>`;
}

function inventoryPart(organization: string, inventory: InventoryStatus, nowMs: number): Html {
  const { lists, incomplete, unavailable, oldestReadAtMs, startedAtMs, endedAtMs, troubles } = inventory;
  const took =
    startedAtMs === undefined || endedAtMs === undefined ? '' : `, took ${tookText(endedAtMs - startedAtMs)}`;
  const last =
    startedAtMs === undefined
      ? 'none yet'
      : endedAtMs === undefined
        ? 'under way'
        : `${since(endedAtMs, nowMs)}${took}`;
  return html`<section><h3>Inventory <a href="${graphUrl(organization)}">see it as a picture</a></h3><dl>
${fact('last reading', last)}
${fact('oldest list', oldestReadAtMs === undefined ? 'none yet' : `read ${since(oldestReadAtMs, nowMs)}`)}
${fact('lists', number(lists))}
${fact('not whole', number(incomplete))}
${fact('not to be had', number(unavailable))}
</dl>
${troubles.length === 0 ? '' : html`<ul>${troubles.map(({ list, message }) => html`<li><code>${list}</code>: ${message}</li>`)}</ul>`}
</section>`;
}

function tookText(ms: number): string {
  return ms < 1_000 ? 'less than 1 s' : duration(ms / 1000);
}

/** So many are shown at once, besides those that are worth a look. */
const BUSIEST = 5;

/** Those that were asked, or are known from an earlier life; the busiest first. */
function routesPart(routes: readonly RouteStatus[], nowMs: number): Html {
  const known = routes.filter(isKnown).toSorted((a, b) => b.requests - a.requests);
  const shown = known.filter((route, i) => i < BUSIEST || isWorthALook(route));
  const rest = known.filter(route => !shown.includes(route));
  const more = html`<details><summary>${counted(rest.length, 'more route')}</summary>${routesTable('more routes', rest, nowMs)}</details>`;
  return html`<section><h3>Requests</h3>${routesTable('requests', shown, nowMs)}${rest.length === 0 ? '' : more}</section>`;
}

function isKnown({ requests, requestsPerMinute, pausedUntilMs }: RouteStatus): boolean {
  return requests > 0 || (requestsPerMinute ?? pausedUntilMs) !== undefined;
}

function isWorthALook({ limited, failed, requestsPerMinute, pausedUntilMs }: RouteStatus): boolean {
  return limited > 0 || failed > 0 || (requestsPerMinute ?? pausedUntilMs) !== undefined;
}

function routesTable(label: string, routes: readonly RouteStatus[], nowMs: number): Html {
  const numbers = ['requests', '429', 'refused', 'failed', 'waited', 'known limit'].map(name => head(name, 'n'));
  const columns = [head('route'), ...numbers, head('pause')];
  const rows = routes.map(route => routeRow(route, nowMs));
  return table(label, columns, rows);
}

function routeRow({ route, requests, limited, refused, failed, ...rest }: RouteStatus, nowMs: number): Html {
  const { waitSeconds, requestsPerMinute, pausedUntilMs } = rest;
  const limit = requestsPerMinute === undefined ? 'none met' : `${number(requestsPerMinute)} a minute`;
  const pause =
    pausedUntilMs === undefined
      ? ''
      : `until ${instant(pausedUntilMs)}, ${duration((pausedUntilMs - nowMs) / 1000)} more`;
  const counts = [number(requests), number(limited), number(refused), number(failed), duration(waitSeconds), limit];
  return html`<tr>${cell(html`<code>${route}</code>`, 'path')}${counts.map(each => cell(each, 'n'))}${cell(pause)}</tr>`;
}
