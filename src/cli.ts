import type { Command, CommandIo } from './commands/command.ts';
import { EXIT, ExitError, OutputClosed } from './errors.ts';
import { closest } from './suggest.ts';
import { packageVersion } from './version.ts';
import { folded } from './wrapped.ts';

const PROGRAM = 'openai-audit-collector';

export interface CommandEntry {
  readonly name: string;
  /** One line for the usage. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Each command is loaded only when it is asked for. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'collect, until stopped',
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'validate',
    summary: 'say whether the configuration is valid, and show it resolved',
    load: async () => (await import('./commands/validate.ts')).validate,
  },
  {
    name: 'doctor',
    summary: 'check everything that collecting needs, and say what to do',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'explain',
    summary: 'say what a code of an error or of doctor means, and what to do',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    name: 'status',
    summary: 'show how collecting goes',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'verify',
    summary: 'read a span again, say and deliver what is missing',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    name: 'replay',
    summary: 'list what the backend refused, or send it again',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    name: 'query',
    summary: 'answer SQL over the audit log and the inventory from the API',
    load: async () => (await import('./commands/query.ts')).query,
  },
  {
    name: 'graph',
    summary: 'write what exists, who owns it and who may use it',
    load: async () => (await import('./commands/graph.ts')).graph,
  },
  {
    name: 'demo',
    summary: 'see it work, with an emulated organization and backend',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    name: 'emulate',
    summary: 'serve an emulated Admin API',
    load: async () => (await import('./commands/emulate.ts')).emulate,
  },
];

/** Runs the command that `argv` names; resolves with the exit code and never rejects. */
export async function cli(
  argv: readonly string[],
  io: CommandIo,
  commands: readonly CommandEntry[] = COMMANDS,
): Promise<number> {
  const [word, ...rest] = argv;
  try {
    if (word === '--help' || word === '-h' || word === 'help') {
      io.stdout.write(usage(commands));
      return EXIT.ok;
    }
    if (word === '--version' || word === '-v') {
      io.stdout.write(`${await packageVersion()}\n`);
      return EXIT.ok;
    }
    const entry = commands.find(({ name }) => name === word);
    if (entry !== undefined) return await (await entry.load())(rest, io);
    io.stderr.write(`${unknownWord(argv, commands)}${usage(commands)}`);
    return EXIT.usage;
  } catch (error) {
    return exitCodeOf(error, word, io);
  }
}

function usage(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `Usage: ${PROGRAM} <command> [options]`,
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    `${PROGRAM} <command> --help says more about one.`,
    'Options: --help, --version',
    '',
  ].join('\n');
}

function unknownWord([word, ...rest]: readonly string[], commands: readonly CommandEntry[]): string {
  if (word === undefined) return '';
  const command = commands.find(({ name }) => rest.includes(name));
  if (word.startsWith('-') && command !== undefined) {
    return `Options stand behind the command: ${PROGRAM} ${command.name} ${word} ...\n\n`;
  }
  const names = ['--help', '--version', ...commands.map(({ name }) => name)];
  const meant = closest(word, names);
  const what = word.startsWith('-') ? 'option' : 'command';
  const advice = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return `There is no ${what} ${JSON.stringify(word)}.${advice}\n\n`;
}

function exitCodeOf(
  error: unknown,
  word: string | undefined,
  { stderr, signal }: Pick<CommandIo, 'stderr' | 'signal'>,
): number {
  if (signal.aborted && error === signal.reason) {
    if (error instanceof OutputClosed) return EXIT.ok;
    // Whoever asks the exit code must not take it for done: `verify` would have found nothing missing.
    return exitCodeOf(new ExitError('failed', `${word}: stopped before it was done.`), word, { stderr, signal });
  }
  if (error instanceof ExitError) {
    const said = `${error.message}\n[${error.code}] ${PROGRAM} explain ${error.code} says more.`;
    stderr.write(`${stderr.isTTY ? folded(said, stderr.columns ?? 80) : said}\n`);
    return error.exitCode;
  }
  if (isBadArguments(error)) {
    stderr.write(`${error.message}\n[usage] ${PROGRAM} ${word} --help shows what is possible.\n`);
    return EXIT.usage;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(
    `${PROGRAM} failed for a reason it does not know; this is a defect worth a report [unexpected]:\n${stack}\n`,
  );
  return EXIT.failed;
}

/** What parseArgs of node:util throws. */
function isBadArguments(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
