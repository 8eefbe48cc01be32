import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { url } from '../config/url.ts';
import { collectorEnvironment } from '../demo/environment.ts';
import { startOtlpReceiver } from '../demo/otlp-receiver.ts';
import { Screen } from '../demo/screen.ts';
import { describe, judge, type Verdict } from '../demo/verdict.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../emulator/emulator.ts';
import { serve } from '../emulator/server.ts';
import { EXIT, ExitError } from '../errors.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector demo [--once] [--endpoint URL]

Starts an emulated organization with some weeks of history, an OTLP receiver, and the real collector between them, and
shows what arrives. Ctrl-C stops it, and compares both ends by id.

  --once          no new events; ends by itself when all is covered: 0 complete, 1 something is missing
  --endpoint URL  passes everything on to a backend of yours, such as http://localhost:4318,
                  with the headers of OTEL_EXPORTER_OTLP_[LOGS_]HEADERS; no other OTEL_ variable counts
  --rate N        events a minute while it runs (default 30)
  --seed S        another story
`;

const HISTORY_MS = 28 * 86_400_000;
const SETTLE_MS = 15_000;

/** Shows the whole way of the data at work. */
export async function demo(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: {
      once: { type: 'boolean' },
      endpoint: { type: 'string' },
      rate: { type: 'string', default: '30' },
      seed: { type: 'string', default: 'demo' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return EXIT.ok;
  }
  const ratePerMinute = values.once ? 0 : Number(values.rate);
  if (!(ratePerMinute >= 0))
    throw new ExitError(EXIT.usage, `--rate: ${values.rate} is not a number of events a minute`);
  const forwardTo = logsUrl(values.endpoint);
  const content = { kind: 'story', seed: values.seed, historyMs: HISTORY_MS } as const;
  const emulator = createEmulator({ content, ratePerMinute });
  return play(emulator, { once: values.once === true, ratePerMinute, forwardTo }, io);
}

interface Play {
  readonly once: boolean;
  readonly ratePerMinute: number;
  readonly forwardTo: string | undefined;
}

async function play(emulator: Emulator, { once, ratePerMinute, forwardTo }: Play, io: CommandIo): Promise<number> {
  const screen = new Screen(io.stdout);
  const history = listedIds(emulator);
  let filled = 0;
  const receiver = await startOtlpReceiver({
    forwardTo,
    onRecord: record => {
      if (record.about === 'inventory') return screen.inventory(record);
      if (record.attributes.get('openai.audit.delivery') === 'live') screen.event(record);
      if (!history.has(record.uid)) return;
      filled += 1;
      screen.progress(filled, history.size, Date.now());
      if (filled === history.size && !once) screen.say(`now live: about ${ratePerMinute} events a minute`);
    },
  });
  const api = await serve(emulator, { port: 0 });
  const state = await mkdtemp(join(tmpdir(), 'openai-audit-demo-'));
  const removeState = () => remove(state);
  // A second signal ends the process at once.
  process.once('exit', removeState);
  try {
    screen.say(`emulated organization: ${api.url}, ${history.size.toLocaleString('en-US')} events in 4 weeks`);
    screen.say(`backend: ${forwardTo ?? `${receiver.endpoint}/v1/logs (embedded)`}`);
    screen.say(`times are UTC; ${once ? 'it ends by itself' : 'Ctrl-C ends it'} with a verdict`);
    screen.say('starting the collector; the first events arrive in some seconds');
    const own = {
      OPENAI_ADMIN_KEY: DEMO_KEY,
      OPENAI_BASE_URL: api.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      DEMO_STATE: join(state, 'state.db'),
    };
    const env = collectorEnvironment(io.env, { own, keepHeaders: forwardTo !== undefined });
    const onLog = (text: string) => {
      screen.clear();
      io.stderr.write(text);
    };
    const compare = () => judge(listedIds(emulator), receiver.received);
    const onStop = () => {
      emulator.organization.setRate(0);
      screen.say(`stopping: life ends; waiting up to ${SETTLE_MS / 1000} s for what is still on its way`);
    };
    const code = await collect(
      once,
      { env, onLog, onStop, isComplete: () => compare().missing.length === 0 },
      io.signal,
    );
    const verdict = compare();
    screen.say(describe(verdict).trimEnd());
    return exitCode(code, verdict);
  } finally {
    await api.close();
    await receiver.close();
    removeState();
    process.removeListener('exit', removeState);
  }
}

function exitCode(collector: number, { missing }: Verdict): number {
  if (collector !== EXIT.ok) return collector;
  return missing.length === 0 ? EXIT.ok : EXIT.failed;
}

interface Collecting {
  readonly env: CommandIo['env'];
  readonly onLog: (text: string) => void;
  readonly onStop: () => void;
  readonly isComplete: () => boolean;
}

/**
 * Runs the collector, as a user would, until it ends or the person stops the demo. What life brought last may not be
 * read by then (a quiet stream is asked once a minute): a last run with --once fetches it.
 */
async function collect(once: boolean, { env, onLog, onStop, isComplete }: Collecting, signal: AbortSignal) {
  const settled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    timer = setTimeout(() => settled.abort(), SETTLE_MS);
    onStop();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await runCollector(once, env, onLog, { signal, how: 'SIGTERM' });
    // One that runs once and is stopped ends with 1, and what is missing then is fetched as well.
    if (!signal.aborted || (code !== EXIT.ok && !once)) return code;
    if (isComplete()) return EXIT.ok;
    const last = await runCollector(true, env, onLog, { signal: settled.signal, how: 'SIGKILL' });
    // Its state is thrown away: what it did not deliver by then, the verdict calls missing.
    return settled.signal.aborted ? EXIT.ok : last;
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}

interface Ending {
  readonly signal: AbortSignal;
  readonly how: 'SIGTERM' | 'SIGKILL';
}

/** Resolves with the exit code of a collector in a process of its own, which is ended when the signal aborts. */
async function runCollector(
  once: boolean,
  env: CommandIo['env'],
  onLog: (text: string) => void,
  { signal, how }: Ending,
): Promise<number> {
  const config = fileURLToPath(new URL('../../config/demo.yaml', import.meta.url));
  const args = [mainFile(), 'run', '--config', config, ...(once ? ['--once'] : [])];
  // A process group of its own: Ctrl-C reaches the demo alone, which then stops the collector in order. The channel
  // lets the collector notice when the demo is gone without having done so.
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true });
  child.stderr?.setEncoding('utf8').on('data', onLog);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code ?? EXIT.failed));
  });
  const stop = () => void child.kill(how);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await ended;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** As far as it can be: a collector that still stops may write there. */
function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {}
}

function listedIds({ organization }: Emulator): ReadonlySet<string> {
  return new Set([...organization.listed('organization'), ...organization.listed('tenant')].map(event => event.id));
}

function mainFile(): string {
  const name = import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

function logsUrl(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  const reading = url({ example: 'http://localhost:4318', query: false }).read(endpoint);
  if ('value' in reading) return `${reading.value.replace(/\/+$/, '')}/v1/logs`;
  const faults = reading.faults.map(({ message }) => message).join('; ');
  throw new ExitError(EXIT.usage, `--endpoint: ${JSON.stringify(endpoint)} ${faults}`);
}
