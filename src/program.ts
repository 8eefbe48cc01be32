import { type CommandEntry, cli } from './cli.ts';
import type { CommandIo, Output } from './commands/command.ts';
import { EXIT, OutputClosed } from './errors.ts';

/** A stream of the process, as far as it is used here. */
interface Stream extends Output {
  write(text: string, done?: () => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** What is used of `process`. */
export interface HostProcess {
  readonly argv: readonly string[];
  readonly env: CommandIo['env'];
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** The way to the process that started this one, where that opened one. */
  readonly channel?: object | null | undefined;
  on(event: 'disconnect', listener: () => void): unknown;
  on(event: 'SIGTERM' | 'SIGINT', listener: (name: string) => void): unknown;
  exit(code: number): void;
}

/** Runs the command line of this process and ends it, so that no forgotten timer holds it. */
export async function program(host: HostProcess, commands?: readonly CommandEntry[]): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) host.on(name, () => stop(name, controller, host));
  // Who started this one with a channel is gone, however it went: nobody else will stop it.
  if (host.channel) host.on('disconnect', () => controller.abort(new Error('the starting process is gone')));
  // Nobody reads the results any more (`| head`): stop. Nobody reads the log any more: go on collecting.
  host.stdout.on('error', () => controller.abort(new OutputClosed('stdout was closed')));
  host.stderr.on('error', () => {});

  const { stdout, stderr, env } = host;
  const code = await cli(host.argv.slice(2), { stdout, stderr, env, signal: controller.signal }, commands);
  await Promise.all([flushed(stdout), flushed(stderr)]);
  host.exit(code);
}

function stop(name: string, controller: AbortController, host: HostProcess): void {
  if (controller.signal.aborted) {
    host.stderr.write(`${name} again: ending at once; what was under way is picked up at the next start\n`);
    host.exit(EXIT.failed);
    return;
  }
  controller.abort(new Error(`${name} received`));
}

function flushed(stream: Stream): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()));
}
