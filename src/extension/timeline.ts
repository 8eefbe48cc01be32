import type { Interval } from '../coverage/intervals.ts';
import { instant } from '../format.ts';
import type { StreamStatus } from '../telemetry/status.ts';
import { type Html, html } from './html.ts';

const WIDTH = 1000;
const HEIGHT = 22;
/** What is narrower could not be seen. */
const LEAST_WIDTH = 2;

/** Event time from `start_from` until now: what is covered, what is open, and what is set aside. */
export function timeline({ startAt, covered, gaps }: StreamStatus, nowMs: number): Html {
  if (startAt === undefined) return html``;
  const nowS = nowMs / 1000;
  const scale = (second: number) => (Math.max(0, second - startAt) / Math.max(1, nowS - startAt)) * WIDTH;
  const bar = (kind: string, said: string, { from, to }: Interval) => {
    const x = Math.min(scale(from), WIDTH - LEAST_WIDTH);
    const width = Math.max(LEAST_WIDTH, scale(Math.min(to, nowS)) - x);
    const what = `${said}: ${instant(from * 1000)} to ${instant(to * 1000)}`;
    return html`<rect class="${kind}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="${HEIGHT}"><title>${what}</title></rect>`;
  };
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="coverage since ${instant(startAt * 1000)}">
<rect class="none" x="0" y="0" width="${WIDTH}" height="${HEIGHT}"/>
${covered.filter(({ to }) => to > startAt).map(span => bar('covered', 'covered', span))}
${gaps.map(gap => (gap.reason === undefined ? bar('gap', 'open', gap) : bar('aside', `set aside (${gap.reason})`, gap)))}
</svg><div class="ends"><span>${instant(startAt * 1000)}</span><span>now</span></div>
${legend(gaps)}`;
}

/** What the colours mean that a reader may wonder about. */
function legend(gaps: StreamStatus['gaps']): Html {
  const isAside = gaps.some(({ reason }) => reason !== undefined);
  const isOpen = gaps.some(({ reason }) => reason === undefined);
  if (!isAside && !isOpen) return html``;
  return html`<p class="key"><span><i class="covered"></i>covered</span>${isOpen ? html`<span><i class="gap"></i>open</span>` : ''}${isAside ? html`<span><i class="aside"></i>set aside</span>` : ''}</p>`;
}
