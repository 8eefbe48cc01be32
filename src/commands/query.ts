import { createInterface } from 'node:readline/promises';
import { setImmediate } from 'node:timers/promises';
import { limitsNote } from '../api/learned-limits.ts';
import { createUndiciClient } from '../api/undici-client.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { CollectorError, EXIT, ExitError } from '../errors.ts';
import { duration } from '../format.ts';
import { createLogger, logFormat } from '../log.ts';
import { withProgress } from '../progress/shown.ts';
import { table } from '../query/format/aligned.ts';
import { csv } from '../query/format/csv.ts';
import { json, ndjson } from '../query/format/json.ts';
import type { Format } from '../query/format/result.ts';
import { type Load, loadTables, openQuestion, TABLES } from '../query/query.ts';
import type { Statement } from '../query/sql/statement.ts';
import { tableList } from '../query/tables/table-list.ts';
import { openStorage } from '../storage/sqlite.ts';
import { closest } from '../suggest.ts';
import { packageVersion } from '../version.ts';
import type { CommandIo, Output } from './command.ts';
import { readOptions } from './options.ts';

const FORMATS: Readonly<Record<string, Format>> = { table, json, ndjson, csv };

const HELP = `Usage: openai-audit-collector query [--config FILE] [--format F] SQL
       openai-audit-collector query --tables [NAME]

Answers SQL over the audit log and the inventory from the API, at once and without a backend: it reads what the query
needs into an SQLite in memory. Conditions on time, type, actor, e-mail, project and resource are passed on to the API.
Without SQL it is read from stdin.

  openai-audit-collector query "SELECT time, type, actor_email FROM audit_logs
    WHERE type = 'login.failed' AND effective_at > unixepoch('now', '-7 days')"

  --tables             lists the tables and their columns
  --format F           ${Object.keys(FORMATS).join(', ')}; by default table
  --config FILE        the configuration of the collector; without it OPENAI_ADMIN_KEY is needed
  --organization NAME  reads only this one, where there are several
  --yes                does not ask before it sends many requests
  --everything         passes only times on to the API and reads all that happened then

Ends with 0 when the result is complete, 1 when it is not to be had, 2 when the query or the configuration is not valid,
12 when the key is refused.
`;

const NARROWEST = 40;
/** So many pieces are written before something else may happen. */
const PIECES = 500;

/** Answers SQL from the API. */
export async function query(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readOptions({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      organization: { type: 'string' },
      format: { type: 'string', default: 'table' },
      tables: { type: 'boolean' },
      yes: { type: 'boolean', short: 'y' },
      everything: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { stdout } = io;
  if (values.help) {
    stdout.write(HELP);
    return EXIT.ok;
  }
  if (values.tables) {
    const named = positionals.map(name =>
      oneOf(
        '--tables',
        name,
        TABLES.map(each => each.name),
      ),
    );
    const listed = TABLES.filter(({ name }) => named.length === 0 || named.includes(name));
    stdout.write(tableList(listed, Math.max(stdout.columns ?? 100, NARROWEST)));
    return EXIT.ok;
  }
  const format = FORMATS[oneOf('--format', values.format, Object.keys(FORMATS))] ?? table;
  const question = openQuestion(await textOf(positionals), systemClock.nowMs());
  try {
    const { config, warnings } = await loadConfig({ path: values.config, env: io.env });
    const asked = { ...question, config: chosen(config, values.organization), pushesDown: !values.everything };
    await fill(asked, { isAgreed: values.yes === true, warnings }, io);
    await show(question.statement, format, io);
    return EXIT.ok;
  } finally {
    question.database.close();
  }
}

function oneOf(option: string, word: string, known: readonly string[]): string {
  if (known.includes(word)) return word;
  const meant = closest(word, known);
  const advice = meant === undefined ? `is none of ${known.join(', ')}` : `is not known. Did you mean ${meant}?`;
  throw new ExitError(EXIT.usage, `${option}: ${JSON.stringify(word)} ${advice}`);
}

async function textOf(positionals: readonly string[]): Promise<string> {
  const [text, ...others] = positionals;
  if (others.length > 0) throw new ExitError(EXIT.usage, 'The query must be one argument: put it in quotes.');
  if (text !== undefined && text !== '-') return text;
  if (process.stdin.isTTY) throw new ExitError(EXIT.usage, 'No query is given. `query --help` shows what is possible.');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function chosen(config: Config, name: string | undefined): Config {
  if (name === undefined) return config;
  const names = config.organizations.map(organization => organization.name);
  const wanted = oneOf('--organization', name, names);
  return { ...config, organizations: config.organizations.filter(organization => organization.name === wanted) };
}

interface Said {
  /** That many requests may be sent. */
  readonly isAgreed: boolean;
  readonly warnings: readonly string[];
}

async function fill(
  asked: Omit<Load, 'ports'>,
  { isAgreed, warnings }: Said,
  { stderr, env, signal }: CommandIo,
): Promise<void> {
  const { logs } = asked.config.telemetry;
  const isWatched = stderr.isTTY === true;
  const format = logFormat(logs.format, isWatched);
  const shown = {
    stderr,
    clock: systemClock,
    bars: isWatched && format === 'text' && env.TERM !== 'dumb',
    openLog: (output: Output) =>
      createLogger({ level: logs.level, format, clock: systemClock, write: line => output.write(line) }),
  };
  const http = createUndiciClient();
  const userAgent = `openai-audit-collector/${await packageVersion()}`;
  try {
    await withProgress(shown, ({ progress, log }) => {
      for (const warning of warnings) log.warn(warning, { code: 'config-warning' });
      return loadTables(
        {
          ...asked,
          ports: {
            clock: systemClock,
            random: Math.random,
            http,
            userAgent,
            progress,
            learned: organization => learned(asked.config, organization),
            agree: async (requests, leastMs) => isAgreed || (await agree(requests, leastMs, isWatched, signal)),
            note: (text, code) => log.warn(text, { code: code ?? 'query-doubtful' }),
          },
        },
        signal,
      );
    });
  } catch (error) {
    if (error instanceof CollectorError) throw new ExitError(error.code ?? 'failed', error.message, error);
    if (signal.aborted) throw new ExitError(EXIT.failed, 'Stopped before everything was read: there is no result.');
    throw error;
  } finally {
    await http.close();
  }
}

/** What the collector knows of the limits, where it has a state here. */
async function learned({ storage: { path } }: Config, organization: string): Promise<string | undefined> {
  try {
    const storage = await openStorage(path, { readOnly: true });
    try {
      return await storage.note(limitsNote(organization));
    } finally {
      await storage.close();
    }
  } catch {
    return undefined;
  }
}

async function agree(requests: number, leastMs: number, isWatched: boolean, signal: AbortSignal): Promise<boolean> {
  if (!isWatched || !process.stdin.isTTY) return false;
  const time = leastMs === 0 ? '' : `, at least ${duration(leastMs / 1000)}`;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(
      `This needs about ${requests.toLocaleString('en-US')} requests${time}. Go on? [y/N] `,
      { signal },
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

async function show(statement: Statement, format: Format, { stdout, signal }: CommandIo): Promise<void> {
  // SQLite does not come back before it has a row, and nobody could be told of a signal meanwhile: let it end the process.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(name);
  const rows = statement.statement.iterate() as Iterable<unknown> as Iterable<readonly unknown[]>;
  const terminal = { isTerminal: stdout.isTTY === true, columns: stdout.isTTY === true ? stdout.columns : undefined };
  let pieces = 0;
  try {
    for (const piece of format({ columns: statement.columns, rows }, terminal)) {
      stdout.write(piece);
      pieces += 1;
      if (pieces % PIECES === 0) await setImmediate(undefined, { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR') {
      throw new ExitError('query-failed', `SQLite ended the query: ${error.message}`, error);
    }
    throw error;
  }
}
