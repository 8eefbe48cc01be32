import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly pid: number;
  /** Everything written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when the process has ended, however it ended, and its output was read to the end. */
  readonly exited: Promise<Exit>;
  /**
   * The first match in a line of stdout or stderr, also one written before the call. Rejects, with the end of the
   * output, when the process ends or `timeoutMs` (30 s) passes without one.
   */
  readonly line: (pattern: RegExp, timeoutMs?: number) => Promise<RegExpExecArray>;
  /** Sends `signal` (SIGTERM), and SIGKILL when that has not ended it within `graceMs` (10 s). Harmless after the end. */
  readonly end: (signal?: NodeJS.Signals, graceMs?: number) => Promise<Exit>;
}

export interface StartOptions {
  /** The whole environment besides PATH and HOME: nothing of the caller's leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A command that starts the program, such as `strace -f`: it stands before it on the command line. */
  readonly through?: readonly string[];
}

/** Runs the program from source, with the Node that runs the tests: `startProgram(['run', '--config', file])`. */
export function startProgram(args: readonly string[], options: StartOptions = {}): Promise<RunningProcess> {
  const [command = process.execPath, ...rest] = [...(options.through ?? []), process.execPath, MAIN, ...args];
  return startProcess(command, rest, options);
}

/** Resolves when the process runs; rejects when it cannot be started at all. Ended with the tests' own process at the latest. */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    env: { ...inherited(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout = collectLines(child.stdout);
  const stderr = collectLines(child.stderr);
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} has no process id`);

  const exited = exitOf(child);
  return {
    pid,
    stdout: stdout.text,
    stderr: stderr.text,
    exited,
    line: (pattern, timeoutMs = 30_000) => waitForLine(command, [stdout, stderr], exited, pattern, timeoutMs),
    end: (signal = 'SIGTERM', graceMs = 10_000) => endProcess(child, exited, signal, graceMs),
  };
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** A new, empty directory, and its removal. */
export async function temporaryDirectory(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'openai-audit-collector-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Asks `condition` every 50 ms until it holds; rejects, naming `what`, after `timeoutMs`. What it throws counts as no. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: last });
}

function inherited(): Record<string, string> {
  const { PATH = '', HOME = tmpdir() } = process.env;
  return { PATH, HOME };
}

interface Lines {
  readonly reader: Interface;
  readonly lines: readonly string[];
  readonly text: () => string;
}

function collectLines(input: NodeJS.ReadableStream): Lines {
  const lines: string[] = [];
  const reader = createInterface({ input });
  reader.on('line', line => lines.push(line));
  return { reader, lines, text: () => lines.map(line => `${line}\n`).join('') };
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  await once(child, 'close');
  process.removeListener('exit', killWithUs);
  return { code: child.exitCode, signal: child.signalCode };
}

function waitForLine(
  command: string,
  outputs: readonly Lines[],
  exited: Promise<Exit>,
  pattern: RegExp,
  timeoutMs: number,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      for (const { reader } of outputs) reader.removeListener('line', look);
      act();
    };
    const look = (): boolean => {
      const match = firstMatch(outputs, pattern);
      if (match !== undefined) settle(() => resolve(match));
      return match !== undefined;
    };
    const giveUp = (why: string): void => {
      const tail = outputs.flatMap(({ lines }) => lines.slice(-20)).join('\n');
      settle(() => reject(new Error(`waited for ${pattern} from ${command}, which ${why}:\n${tail}`)));
    };
    const timer = setTimeout(() => giveUp(`wrote nothing of the kind in ${timeoutMs} ms`), timeoutMs);
    for (const { reader } of outputs) reader.on('line', look);
    if (!look()) void exited.then(({ code, signal }) => giveUp(`ended with ${signal ?? code}`));
  });
}

function firstMatch(outputs: readonly Lines[], pattern: RegExp): RegExpExecArray | undefined {
  for (const { lines } of outputs) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
  }
  return undefined;
}

async function endProcess(
  child: ChildProcess,
  exited: Promise<Exit>,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<Exit> {
  child.kill(signal);
  const hurry = setTimeout(() => child.kill('SIGKILL'), graceMs);
  try {
    return await exited;
  } finally {
    clearTimeout(hurry);
  }
}
