import { duration, instant, number, since } from '../format.ts';
import type { StreamStatus } from '../telemetry/status.ts';
import { type Html, html } from './html.ts';
import { fact } from './parts.ts';
import { timeline } from './timeline.ts';

const MOST_ASIDES = 10;

/** What is known of one stream. */
export function streamPart(stream: StreamStatus, nowMs: number): Html {
  const { lagSeconds, newestEventAt, gapSeconds, events, gaps } = stream;
  const asides = gaps.filter(({ reason }) => reason !== undefined);
  return html`<section>
<h3>Stream ${stream.stream} <span class="state ${stateTone(stream.state)}">${stream.state.replaceAll('_', ' ')}</span></h3>
${stream.reason === undefined ? '' : html`<p>${stream.reason}</p>`}
${timeline(stream, nowMs)}
<dl>
${fact('live lag', lagSeconds === undefined ? '-' : duration(lagSeconds))}
${fact('newest event', newestEventAt === undefined ? 'none yet' : since(newestEventAt * 1000, nowMs))}
${fact('open', gapSeconds === 0 ? 'nothing' : `${duration(gapSeconds)} in ${counted(gaps.length, 'gap')}`)}
${events === undefined ? '' : countFacts(events)}
</dl>
${asides.length === 0 ? '' : html`<ul>${asides.slice(0, MOST_ASIDES).map(asideItem)}</ul>`}
${asides.length <= MOST_ASIDES ? '' : html`<p class="quiet">and ${number(asides.length - MOST_ASIDES)} more</p>`}
</section>`;
}

function countFacts(events: NonNullable<StreamStatus['events']>): readonly Html[] {
  return [
    fact('received since start', number(events.received)),
    fact('delivered', number(events.delivered)),
    fact('found late', number(events.late)),
    fact('parked', number(events.parked)),
    fact('listed again', number(events.duplicate)),
    fact('excluded', number(events.excluded)),
  ];
}

function asideItem({ from, to, reason, retryAtMs }: StreamStatus['gaps'][number]): Html {
  const next = retryAtMs === undefined ? '' : `; tried again at ${instant(retryAtMs)}`;
  return html`<li>set aside: ${instant(from * 1000)} to ${instant(to * 1000)}: ${reason ?? ''}${next}</li>`;
}

function stateTone(state: string): string {
  if (state === 'live' || state === 'empty') return 'good';
  return state === 'unauthorized' || state === 'failing' ? 'bad' : 'wait';
}

function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}
