import type { Interval } from '../coverage/intervals.ts';
import { duration, instant, number, since } from '../format.ts';
import { printable } from '../printable.ts';
import { progressLines } from '../progress/line.ts';
import type {
  EventStatus,
  InventoryStatus,
  OrganizationStatus,
  RouteStatus,
  Status,
  StreamStatus,
} from '../telemetry/status.ts';
import { wrapped } from '../wrapped.ts';

export interface TerminalOptions {
  /** Columns of a line. */
  readonly width: number;
  readonly colour: boolean;
}

const BUSIEST_ROUTES = 5;
const MOST_EVENTS = 10;
/** Before a timeline. */
const INDENT = 4;

/** A status for a person at a terminal. No control character of what others said gets through. */
export function statusText(status: Status, options: TerminalOptions): string {
  const { version, startedAtMs, nowMs, storage, problems, organizations, events } = status;
  const state = `${storage.path} (${Math.ceil(storage.bytes / 1e3).toLocaleString('en-US')} kB)`;
  const isStored = startedAtMs === undefined;
  const lines = [
    ...wrapped(
      isStored
        ? `no collector answers; this is what the state holds: ${state}`
        : `collecting for ${duration((nowMs - startedAtMs) / 1000)}, version ${version}, state ${state}`,
      options.width,
    ),
    ...problems.flatMap(({ severity, organization, stream, message }) => {
      const place = [organization, stream].filter(each => each !== undefined).join('/');
      const [mark, colour] = severity === 'act' ? (['!! ', 31] as const) : ([' ! ', 33] as const);
      const said = wrapped(printable(`${place}: ${message}`), options.width, mark);
      return said.map(line => paint(line, colour, options));
    }),
    ...organizations.flatMap(each => organizationLines(each, nowMs, { ...options, isStored })),
    ...(events === undefined ? [] : eventLines(events, options)),
  ];
  return `${lines.join('\n')}\n`;
}

interface Shown extends TerminalOptions {
  /** Whether nobody collects: what was last. */
  readonly isStored: boolean;
}

function organizationLines(organization: OrganizationStatus, nowMs: number, options: Shown): string[] {
  const { name, delivery, works, streams, routes, parked, inventory } = organization;
  const fact = (label: string, said: string) => wrapped(printable(said), options.width, label);
  const busiest = routes.toSorted((a, b) => b.requests - a.requests).slice(0, BUSIEST_ROUTES);
  return [
    '',
    paint(name, 1, options),
    ...streams.flatMap(stream => streamLines(stream, nowMs, options)),
    ...progressLines(
      works.map(({ endsAtMs, ...work }) => {
        return { ...work, organization: name, leftMs: endsAtMs === undefined ? undefined : endsAtMs - nowMs };
      }),
      options.width - 2,
    ).map(line => `  ${line}`),
    ...(delivery === undefined
      ? []
      : fact(
          '  delivery: ',
          `${delivery.state}, last acknowledged ${delivery.lastAcknowledgedAtMs === undefined ? 'never' : since(delivery.lastAcknowledgedAtMs, nowMs)}, ${number(delivery.retries)} attempts failed`,
        )),
    ...parked.flatMap(({ kind, reason, records, message }) =>
      fact('  parked: ', `${number(records)} of kind ${kind}, ${reason}: ${message}`),
    ),
    ...(inventory === undefined
      ? []
      : [
          ...fact(
            '  inventory: ',
            `${readingText(inventory, nowMs)}, ${number(inventory.lists)} lists, ${number(inventory.incomplete)} not whole, the oldest read ${inventory.oldestReadAtMs === undefined ? 'never' : since(inventory.oldestReadAtMs, nowMs)}`,
          ),
          ...inventory.troubles.flatMap(({ list, message }) => fact('    ', `${list}: ${message}`)),
        ]),
    ...(busiest.length === 0 ? [] : requestLines(busiest, options)),
  ];
}

const REQUEST_COLUMNS = ['requests', '429', 'refused', 'failed', 'limit'];

/** A table; a route that is too long begins later. */
function requestLines(routes: readonly RouteStatus[], { width }: TerminalOptions): string[] {
  const rows = routes.map(({ route, requests, limited, refused, failed, requestsPerMinute: limit }) => {
    const cells = [requests, limited, refused, failed].map(number);
    return { route, cells: [...cells, limit === undefined ? 'none met' : `${number(limit)}/min`] };
  });
  const numbers = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(i === 4 ? 9 : 8)).join('');
  const room = Math.max(20, width - 2 - INDENT - numbers(REQUEST_COLUMNS).length);
  const shown = (route: string) => (route.length > room ? `…${route.slice(1 - room)}` : route.padEnd(room));
  return [
    `  ${'route'.padEnd(room + INDENT - 2)}${numbers(REQUEST_COLUMNS)}`,
    ...rows.map(({ route, cells }) => printable(`${' '.repeat(INDENT)}${shown(route)}${numbers(cells)}`)),
  ];
}

function readingText({ startedAtMs, endedAtMs }: InventoryStatus, nowMs: number): string {
  if (startedAtMs === undefined) return 'never read';
  return endedAtMs === undefined ? 'being read' : `read ${since(endedAtMs, nowMs)}`;
}

function eventLines(events: readonly EventStatus[], { width }: TerminalOptions): string[] {
  const lines = events.slice(0, MOST_EVENTS).map(({ atMs, organization, stream, summary }) => {
    const line = printable(`  ${instant(atMs)} ${organization}/${stream}: ${summary}`);
    return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
  });
  return lines.length === 0 ? [] : ['', 'newest events', ...lines];
}

function streamLines(stream: StreamStatus, nowMs: number, options: Shown): string[] {
  const { lagSeconds, newestEventAt, gapSeconds, events, gaps, reason } = stream;
  const facts = [
    ...(lagSeconds === undefined ? [] : [`lag ${duration(lagSeconds)}`]),
    ...(newestEventAt === undefined ? [] : [`newest event ${since(newestEventAt * 1000, nowMs)}`]),
    gapSeconds === 0
      ? 'nothing open'
      : `open ${duration(gapSeconds)} in ${number(gaps.length)} gap${gaps.length === 1 ? '' : 's'}`,
    ...(events === undefined
      ? []
      : [`${number(events.delivered)} delivered`, `${number(events.late)} late`, `${number(events.parked)} parked`]),
  ];
  const said = `${options.isStored ? 'was ' : ''}${stream.state}${reason === undefined ? '' : ` (${reason})`}, ${facts.join(', ')}`;
  return [...wrapped(printable(said), options.width, `  ${stream.stream}: `), ...timelineLines(stream, nowMs, options)];
}

/** One character for each equal part of event time: covered, partly, not, or set aside. */
function timelineLines({ startAt, covered, gaps }: StreamStatus, nowMs: number, { width }: TerminalOptions): string[] {
  if (startAt === undefined) return [];
  const columns = Math.max(10, width - INDENT);
  const step = (nowMs / 1000 - startAt) / columns;
  const asides = gaps.filter(({ reason }) => reason !== undefined);
  const bar = Array.from({ length: columns }, (_, i) => {
    const part = { from: startAt + i * step, to: startAt + (i + 1) * step };
    if (overlap(asides, part) > 0) return 'x';
    const share = overlap(covered, part) / step;
    // The last part is young: it is never called covered.
    const open = overlap(gaps, part) > 0;
    return share > 0 && !open ? '█' : share > 0.5 ? '▓' : share > 0 ? '░' : '·';
  }).join('');
  const ends = instant(startAt * 1000);
  return [
    `${' '.repeat(INDENT)}${bar}`,
    `${' '.repeat(INDENT)}${ends}${'now'.padStart(Math.max(4, columns - ends.length))}`,
  ];
}

function overlap(spans: readonly Interval[], { from, to }: Interval): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
}

function paint(text: string, colour: number, options: TerminalOptions): string {
  return options.colour ? `\u001b[${colour}m${printable(text)}\u001b[0m` : printable(text);
}
