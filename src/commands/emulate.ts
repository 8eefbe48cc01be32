import { parseDurationMs } from '../emulator/duration.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../emulator/emulator.ts';
import { readEventsFolder } from '../emulator/events-folder.ts';
import type { Content } from '../emulator/organization.ts';
import { EVERY_ROUTE, type RateLimit } from '../emulator/rate-limits.ts';
import { type EmulatorServer, serve } from '../emulator/server.ts';
import type { Size } from '../emulator/story/site.ts';
import { EXIT, ExitError } from '../errors.ts';
import type { Command } from './command.ts';
import { readOptions } from './options.ts';

const MOST_OF_A_KIND = 100_000;

const USAGE = `Usage: openai-audit-collector emulate [options]

Serves the Admin API of an emulated organization on this machine, until stopped.

  --port N             port to listen on, 0 for any that is free (default 8099)
  --seed S             what its story is made from (default 1)
  --history 30d        how much of it is over at the start (default 30d)
  --rate N             events a minute from then on, 0 for none (default 12)
  --projects N         so many projects, --users N people and --groups N groups, instead of a small company's
  --events DIR         the events of the *.json files in a folder, instead of a story
  --start INSTANT      where its clock starts, RFC 3339 (default now)
  --key KEY            its admin key (default ${DEMO_KEY})
  --latency 50ms       every answer comes so much later
  --rate-limit 10/m    so many requests of each route in a second (s), minute (m) or hour (h), then 429
  --tenant-in-both     tenant events stand in the default listing too
  --help

While it runs, POST to /_emulator/events, acts, faults, limits, keys, clock, life and settings changes what it
does; GET /_emulator/events, graph and stats tell what it lists, what exists and what it was asked.
`;

/** `emulate`: an organization of one's own. Resolves with 0 when the signal aborts. */
export const emulate: Command = async (argv, { stdout, signal }) => {
  const { values } = readOptions({ args: [...argv], options: OPTIONS });
  if (values.help) {
    stdout.write(USAGE);
    return EXIT.ok;
  }
  const emulator = createEmulator({
    content: await readContent(values),
    ratePerMinute: values.events === undefined ? readNumber('--rate', values.rate ?? '12') : 0,
    key: values.key,
    ...(values.start !== undefined && { startMs: readInstant('--start', values.start) }),
    settings: { latencyMs: readDuration('--latency', values.latency), tenantInBoth: values['tenant-in-both'] },
  });
  if (values['rate-limit'] !== undefined) emulator.limit(EVERY_ROUTE, readRateLimit(values['rate-limit']));
  const server = await listen(emulator, readPort(values.port));
  stdout.write(`emulated organization listening on ${server.url} (${describe(emulator, values.key)})\n`);
  await aborted(signal);
  await server.close();
  return EXIT.ok;
};

const OPTIONS = {
  port: { type: 'string', default: '8099' },
  seed: { type: 'string' },
  history: { type: 'string' },
  rate: { type: 'string' },
  projects: { type: 'string' },
  users: { type: 'string' },
  groups: { type: 'string' },
  events: { type: 'string' },
  start: { type: 'string' },
  key: { type: 'string', default: DEMO_KEY },
  latency: { type: 'string', default: '0ms' },
  'rate-limit': { type: 'string' },
  'tenant-in-both': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface ContentOptions {
  readonly events?: string | undefined;
  readonly seed?: string | undefined;
  readonly history?: string | undefined;
  readonly rate?: string | undefined;
  readonly projects?: string | undefined;
  readonly users?: string | undefined;
  readonly groups?: string | undefined;
}

async function readContent({ events: folder, ...story }: ContentOptions): Promise<Content> {
  const { seed = '1', history = '30d' } = story;
  if (folder === undefined) {
    return { kind: 'story', seed, historyMs: readDuration('--history', history), size: readSize(story) };
  }
  if (STORY_OPTIONS.some(name => story[name] !== undefined)) {
    const names = STORY_OPTIONS.map(name => `--${name}`).join(', ');
    throw new ExitError(
      EXIT.usage,
      `--events takes its events from a folder; ${names} make a story: use one or the other`,
    );
  }
  try {
    return { kind: 'events', events: await readEventsFolder(folder) };
  } catch (error) {
    throw new ExitError(EXIT.usage, `--events ${folder}: ${(error as Error).message}`, error);
  }
}

const SIZES = ['projects', 'users', 'groups'] as const;
const STORY_OPTIONS = ['seed', 'history', 'rate', ...SIZES] as const;

function readSize(options: ContentOptions): Size {
  const given = SIZES.map(name => [name, options[name]] as const).filter(([, text]) => text !== undefined);
  return Object.fromEntries(given.map(([name, text]) => [name, readCount(`--${name}`, text ?? '')]));
}

function readCount(option: string, text: string): number {
  const count = readNumber(option, text);
  if (!Number.isInteger(count) || count > MOST_OF_A_KIND) {
    throw wrong(option, text, `a whole number to ${MOST_OF_A_KIND.toLocaleString('en-US')}`);
  }
  return count;
}

async function listen(emulator: Emulator, port: number): Promise<EmulatorServer> {
  try {
    return await serve(emulator, { port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE' ? 'the port is in use; choose another one, or 0 for any that is free' : message;
    throw new ExitError('port-unusable', `--port ${port}: ${reason}`, error);
  }
}

function describe({ organization }: Emulator, key: string): string {
  const { events } = organization;
  const count = events.count('organization') + events.count('tenant');
  const oldest = events.oldestAt();
  const since = oldest === undefined ? '' : ` since ${new Date(oldest * 1000).toISOString().slice(0, 10)}`;
  return `key ${key}, ${count.toLocaleString('en-US')} events${since}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function readPort(text: string): number {
  const port = readNumber('--port', text);
  if (!Number.isInteger(port) || port > 65_535) throw wrong('--port', text, 'a port from 0 to 65535');
  return port;
}

function readNumber(option: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw wrong(option, text, 'a number from 0');
  return Number(text);
}

function readDuration(option: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms < 0) throw wrong(option, text, 'a duration such as 50ms, 30s, 5m, 2h or 30d');
  return ms;
}

function readInstant(option: string, text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(option, text, 'an RFC 3339 instant such as 2026-11-22T09:00:00Z');
  return ms;
}

function readRateLimit(text: string): RateLimit {
  const [, requests, unit] = /^(\d+)\/(s|m|h)$/.exec(text) ?? [];
  const perMs = parseDurationMs(`1${unit}`);
  if (requests === undefined || perMs === undefined)
    throw wrong('--rate-limit', text, 'requests in a time such as 10/m');
  return { requests: Number(requests), perMs, retryAfter: false };
}

function wrong(option: string, text: string, expected: string): ExitError {
  return new ExitError(EXIT.usage, `${option}: expected ${expected}, got ${JSON.stringify(text)}`);
}
