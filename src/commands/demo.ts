import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type OtlpReceiver, startOtlpReceiver } from '../demo/otlp-receiver.ts';
import { Screen } from '../demo/screen.ts';
import { describe, judge, type Verdict } from '../demo/verdict.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../emulator/emulator.ts';
import { serve } from '../emulator/server.ts';
import { EXIT, ExitError } from '../errors.ts';
import type { CommandIo } from './command.ts';

const HELP = `Usage: openai-audit-collector demo [--once] [--endpoint URL]

Starts an emulated organization with some weeks of history, an OTLP receiver, and the real collector between them, and
shows what arrives. Ctrl-C stops it, and compares both ends by id.

  --once          no new events; ends by itself when all is covered: 0 complete, 1 something is missing
  --endpoint URL  passes everything on to a backend of yours, such as http://localhost:4318
  --rate N        events a minute while it runs (default 30)
  --seed S        another story
`;

const HISTORY_MS = 28 * 86_400_000;
const SETTLE_MS = 15_000;

/** Shows the whole way of the data at work. */
export async function demo(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
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
  const content = { kind: 'story', seed: values.seed, historyMs: HISTORY_MS } as const;
  const emulator = createEmulator({ content, ratePerMinute });
  return play(emulator, { once: values.once === true, forwardTo: logsUrl(values.endpoint) }, io);
}

interface Play {
  readonly once: boolean;
  readonly forwardTo: string | undefined;
}

async function play(emulator: Emulator, { once, forwardTo }: Play, io: CommandIo): Promise<number> {
  const screen = new Screen(io.stdout);
  const history = listedIds(emulator).size;
  let filled = 0;
  const receiver = await startOtlpReceiver({
    forwardTo,
    onRecord: record => {
      if (record.attributes.get('openai.audit.delivery') === 'live') return screen.event(record);
      filled += 1;
      screen.progress(filled, Math.max(history, filled), Date.now());
    },
  });
  const api = await serve(emulator, { port: 0 });
  const state = await mkdtemp(join(tmpdir(), 'openai-audit-demo-'));
  try {
    screen.say(`emulated organization: ${api.url}, ${history.toLocaleString('en-US')} events in 4 weeks`);
    screen.say(`backend: ${forwardTo ?? `${receiver.endpoint}/v1/logs (embedded)`}`);
    const env = {
      ...io.env,
      OPENAI_ADMIN_KEY: DEMO_KEY,
      OPENAI_BASE_URL: api.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      DEMO_STATE: join(state, 'state.db'),
    };
    const code = await collect(once, env, io, () => settle(emulator, receiver));
    const verdict = judge(listedIds(emulator), receiver.received);
    screen.say(describe(verdict).trimEnd());
    return exitCode(code, verdict);
  } finally {
    await api.close();
    await receiver.close();
    await rm(state, { recursive: true, force: true });
  }
}

function exitCode(collector: number, { missing }: Verdict): number {
  if (collector !== EXIT.ok) return collector;
  return missing.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Runs the collector as a process of its own, as a user would, until it ends or the person stops the demo. */
async function collect(once: boolean, env: CommandIo['env'], io: CommandIo, beforeStop: () => Promise<void>) {
  const config = fileURLToPath(new URL('../../config/demo.yaml', import.meta.url));
  const args = [mainFile(), 'run', '--config', config, ...(once ? ['--once'] : [])];
  // A process group of its own: Ctrl-C reaches the demo alone, which then stops the collector in order.
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  child.stderr.on('data', chunk => io.stderr.write(String(chunk)));
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => resolve(code ?? EXIT.failed));
  });
  const stop = () => void beforeStop().finally(() => child.kill('SIGTERM'));
  if (io.signal.aborted) stop();
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    return await ended;
  } finally {
    io.signal.removeEventListener('abort', stop);
  }
}

/** Life ends, and what it brought last may still arrive. */
async function settle(emulator: Emulator, receiver: OtlpReceiver): Promise<void> {
  emulator.organization.setRate(0);
  const end = Date.now() + SETTLE_MS;
  while (Date.now() < end && judge(listedIds(emulator), receiver.received).missing.length > 0) await delay(200);
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
  if (!URL.canParse(endpoint)) throw new ExitError(EXIT.usage, `--endpoint: ${endpoint} is not a URL`);
  return `${endpoint.replace(/\/+$/, '')}/v1/logs`;
}
