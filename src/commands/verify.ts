import { answer } from '../answer.ts';
import { systemClock } from '../clock.ts';
import { parseDuration } from '../config/duration.ts';
import { loadConfig } from '../config/load.ts';
import { parseInstant } from '../config/start-from.ts';
import type { Interval } from '../coverage/intervals.ts';
import { EXIT, ExitError } from '../errors.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector verify [--config FILE] --from T [--to T] [--stream S]

Reads a span of event time again, compares it with what is known to be delivered, and delivers what is missing. Beside a
running collector, that one does it, and this command waits for its answer.

  --config FILE  the configuration of the collector
  --from T       an RFC 3339 instant (2026-01-31T00:00:00Z), or so long ago (7d, 12h)
  --to T         the same; by default now. What is younger than audit_logs.settle is not verified yet
  --stream S     organization or tenant; by default all that are configured

Ends with 0 when nothing was missing, 1 when something was (it is delivered then) or could not be read, 11 when the
process that holds the state takes no requests, 12 when the key is refused.
`;

const STREAMS = ['organization', 'tenant'];

/** Reads a span again and says what is missing. */
export async function verify(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: {
      config: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string', default: '0s' },
      stream: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return EXIT.ok;
  }
  const { from, to, stream } = values;
  if (from === undefined) throw new ExitError(EXIT.usage, '--from is needed: verify --help says more.');
  if (stream !== undefined && !STREAMS.includes(stream)) {
    throw new ExitError(EXIT.usage, `--stream: ${JSON.stringify(stream)} is not one of ${STREAMS.join(', ')}`);
  }
  const nowMs = systemClock.nowMs();
  const span: Interval = { from: second('--from', from, nowMs), to: second('--to', to, nowMs) };
  if (span.from >= span.to) throw new ExitError(EXIT.usage, '--from must be before --to');
  const { config, warnings } = await loadConfig({ path: values.config, env: io.env });
  const ask = { kind: 'verify', span, ...(stream === undefined ? {} : { stream }) } as const;
  return answer(config, warnings, ask, { clock: systemClock, random: Math.random }, io);
}

function second(option: string, text: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  const atMs = agoMs === undefined ? parseInstant(text) : nowMs - agoMs;
  if (atMs !== undefined) return Math.floor(atMs / 1000);
  const accepts = 'an RFC 3339 instant such as 2026-01-31T00:00:00Z, or a duration such as 7d';
  throw new ExitError(EXIT.usage, `${option}: ${JSON.stringify(text)} is not ${accepts}`);
}
