import { answer } from '../answer.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { EXIT, ExitError } from '../errors.ts';
import { calledBy, observedChange } from '../pipeline/inventory-ledger.ts';
import type { ReplayAsk } from '../pipeline/replay.ts';
import { printable } from '../printable.ts';
import { createInventoryProcessor } from '../processor/inventory.ts';
import { openStorage } from '../storage/sqlite.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector replay [--config FILE] [--all | --uid ID... | --reason R]

Lists the records that the backend refused for good and that are parked in the state; with a choice, sends these again,
oldest first. Beside a running collector, that one does it, and this command waits for its answer.

  --config FILE  the configuration of the collector
  --all          send all of them again
  --uid ID       send this one again; may be given several times
  --reason R     send those again that were parked for this reason

Ends with 0 when all of them were delivered, 1 when some are still parked, 11 when the process that holds the state takes
no requests.
`;

/** Lists parked records, or sends them again. */
export async function replay(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: {
      config: { type: 'string' },
      all: { type: 'boolean' },
      uid: { type: 'string', multiple: true },
      reason: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return EXIT.ok;
  }
  const which = choice(values);
  const { config, warnings } = await loadConfig({ path: values.config, env: io.env });
  if (which === undefined) return list(config, io);
  return answer(config, warnings, { kind: 'replay', which }, { clock: systemClock, random: Math.random }, io);
}

interface Values {
  readonly all?: boolean | undefined;
  readonly uid?: readonly string[] | undefined;
  readonly reason?: string | undefined;
}

function choice({ all, uid, reason }: Values): ReplayAsk | undefined {
  const choices: ReplayAsk[] = [];
  if (all) choices.push({ by: 'all' });
  if (uid !== undefined) choices.push({ by: 'uid', uids: uid });
  if (reason !== undefined) choices.push({ by: 'reason', reason });
  if (choices.length > 1) throw new ExitError(EXIT.usage, '--all, --uid and --reason exclude each other');
  return choices[0];
}

async function list(config: Config, { stdout }: CommandIo): Promise<number> {
  const storage = await openStorage(config.storage.path, { readOnly: true });
  const recordsOf = createInventoryProcessor({ ...config, ...config.records });
  try {
    const rows: string[][] = [];
    for (const organization of await storage.organizations()) {
      for (const { uid, type, effectiveAt, reason, message } of await storage.parked(organization)) {
        rows.push([organization, uid, type, isoTime(effectiveAt * 1000), reason, message]);
      }
      for (const change of await storage.parkedInventory(organization)) {
        const { uid, eventName } = calledBy(recordsOf(observedChange(change)));
        rows.push([organization, uid, eventName, isoTime(change.atMs), change.reason, change.message]);
      }
      for (const { uid, name, atMs, reason, message } of await storage.parkedStatements(organization)) {
        rows.push([organization, uid, `openai.collector.${name}`, isoTime(atMs), reason, message]);
      }
    }
    stdout.write(rows.length === 0 ? 'nothing is parked\n' : table([HEAD, ...rows]));
    return EXIT.ok;
  } finally {
    await storage.close();
  }
}

const HEAD = ['ORGANIZATION', 'UID', 'TYPE', 'TIME', 'REASON', 'MESSAGE'];

/** The last column is as long as it is. */
function table(rows: readonly (readonly string[])[]): string {
  const shown = rows.map(row => row.map(plain));
  const widths = HEAD.map((_, i) => Math.max(...shown.map(row => row[i]?.length ?? 0)));
  return shown
    .map(row => `${row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell)).join('  ')}\n`)
    .join('');
}

/** Ids and a backend's words come from outside: nothing in them may steer a terminal. */
function plain(text: string): string {
  return printable(text.replace(/\s+/gu, ' ')).trim();
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
