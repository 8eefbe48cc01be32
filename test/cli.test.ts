import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type CommandEntry, cli } from '../src/cli.ts';
import type { Command } from '../src/commands/command.ts';
import { EXIT, ExitError, OutputClosed } from '../src/errors.ts';
import { program } from '../src/program.ts';

const controller = new AbortController();

async function ran(argv: readonly string[], commands?: readonly CommandEntry[], signal = controller.signal) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    stdout: { write: (t: string) => out.push(t) },
    stderr: { write: (t: string) => err.push(t) },
    env: {},
    signal,
  };
  const code = await cli(argv, io, commands);
  return { code, out: out.join(''), err: err.join('') };
}

function only(command: Command): readonly CommandEntry[] {
  return [{ name: 'act', summary: 'acts', load: async () => command }];
}

describe('the command line', () => {
  it('lists its commands on --help', async () => {
    const { code, out, err } = await ran(['--help']);
    expect([code, err]).toEqual([EXIT.ok, '']);
    expect(out).toMatch(/^Usage: openai-audit-collector <command> \[options\]/);
    for (const name of ['run', 'demo', 'emulate']) expect(out).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await ran(['--version'])).toEqual({ code: EXIT.ok, out: `${version}\n`, err: '' });
  });

  it('shows the usage as an error when no command is given', async () => {
    const { code, out, err } = await ran([]);
    expect([code, out]).toEqual([EXIT.usage, '']);
    expect(err).toMatch(/^Usage:/);
  });

  it.each([
    ['rnu', 'There is no command "rnu". Did you mean run?'],
    ['--verison', 'There is no option "--verison". Did you mean --version?'],
    ['\u001b[2J', 'There is no command "\\u001b[2J".\n'],
    ['constructor', 'There is no command "constructor".\n'],
  ])('says what is wrong with %j', async (word, message) => {
    const { code, err } = await ran([word]);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(message);
    expect(err).toContain('Usage:');
  });

  it('says where options stand', async () => {
    const { code, err } = await ran(['--config', 'c.yaml', 'run']);
    expect([code, err.split('\n')[0]]).toEqual([
      EXIT.usage,
      'Options stand behind the command: openai-audit-collector run --config ...',
    ]);
  });

  it('hands the rest of the arguments to the command and returns its exit code', async () => {
    const seen: string[] = [];
    const command: Command = async argv => {
      seen.push(...argv);
      return 7;
    };
    expect(await ran(['act', '--config', 'x', '--help'], only(command))).toEqual({ code: 7, out: '', err: '' });
    expect(seen).toEqual(['--config', 'x', '--help']);
  });

  it('says an ExitError as it is, with its code', async () => {
    const command: Command = () => Promise.reject(new ExitError(EXIT.stateInUse, 'state in use'));
    expect(await ran(['act'], only(command))).toEqual({
      code: EXIT.stateInUse,
      out: '',
      err: 'state in use\n[state-in-use] openai-audit-collector explain state-in-use says more.\n',
    });
  });

  it('breaks long lines of it between words on a terminal, and only there', async () => {
    const message =
      'c.yaml has 1 problem:\n  12:5 exporter.timeout: 10 is not a duration; write for example 10s, 500ms or 1m30s';
    const shown = async (isTTY: boolean) => {
      const err: string[] = [];
      const stderr = { write: (text: string) => err.push(text), isTTY, columns: 60 };
      const commands = only(() => Promise.reject(new ExitError('config-invalid', message)));
      await cli(['act'], { stdout: stderr, stderr, env: {}, signal: controller.signal }, commands);
      return err.join('').split('\n');
    };
    expect(await shown(true)).toEqual([
      'c.yaml has 1 problem:',
      '  12:5 exporter.timeout: 10 is not a duration; write for',
      '       example 10s, 500ms or 1m30s',
      '[config-invalid] openai-audit-collector explain',
      'config-invalid says more.',
      '',
    ]);
    expect((await shown(false)).slice(0, 2).join('\n')).toBe(message);
  });

  it('explains arguments that a command does not know', async () => {
    const command: Command = async argv => {
      parseArgs({ args: [...argv], options: { config: { type: 'string' } } });
      return EXIT.ok;
    };
    const { code, err } = await ran(['act', '--confg', 'x'], only(command));
    expect(code).toBe(EXIT.usage);
    expect(err).toContain("Unknown option '--confg'");
    expect(err).toContain('[usage] openai-audit-collector act --help shows what is possible.');
  });

  it('shows the stack of an error that it does not know', async () => {
    const { code, err } = await ran(
      ['act'],
      only(() => Promise.reject(new Error('odd'))),
    );
    expect(code).toBe(EXIT.failed);
    expect(err).toMatch(/^openai-audit-collector failed for a reason it does not know.*\nError: odd\n {4}at /);
  });

  it('calls a command that is stopped not done, and says nothing to nobody', async () => {
    const stops: Command = async (_, { signal }) => {
      signal.throwIfAborted();
      return EXIT.ok;
    };
    const aborted = AbortSignal.abort(new Error('SIGTERM received'));
    expect(await ran(['act'], only(stops), aborted)).toEqual({
      code: EXIT.failed,
      out: '',
      err: 'act: stopped before it was done.\n[failed] openai-audit-collector explain failed says more.\n',
    });
    const closed = AbortSignal.abort(new OutputClosed());
    expect(await ran(['act'], only(stops), closed)).toEqual({ code: EXIT.ok, out: '', err: '' });
  });
});

class FakeStream extends EventEmitter {
  text = '';
  write(text: string, done?: () => void): boolean {
    this.text += text;
    if (done !== undefined) queueMicrotask(done);
    return true;
  }
}

class FakeProcess extends EventEmitter {
  readonly argv = ['node', 'main.js', 'act'];
  readonly env = {};
  readonly stdout = new FakeStream();
  readonly stderr = new FakeStream();
  readonly codes: number[] = [];
  channel: object | undefined;
  exit(code: number): void {
    this.codes.push(code);
  }
}

/** A command that waits for its signal and then for `finish`, and a promise of the moment it waits. */
function waiting() {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const command: Command = async (_, { signal }) => {
    const aborted = new Promise(resolve => signal.addEventListener('abort', resolve));
    started.resolve();
    await aborted;
    await finish.promise;
    return EXIT.ok;
  };
  return { commands: only(command), started: started.promise, finish: finish.resolve };
}

describe('the process', () => {
  it.each(['SIGTERM', 'SIGINT'])('lets a command finish on %s and ends with its code', async signal => {
    const host = new FakeProcess();
    const { commands, started, finish } = waiting();
    const end = program(host, commands);
    await started;
    host.emit(signal, signal);
    expect(host.codes).toEqual([]);
    finish();
    await end;
    expect([host.codes, host.stderr.text]).toEqual([[EXIT.ok], '']);
  });

  it('ends at once with code 1 on a second signal, and says so', async () => {
    const host = new FakeProcess();
    const { commands, started, finish } = waiting();
    const end = program(host, commands);
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    host.emit('SIGINT', 'SIGINT');
    expect(host.codes).toEqual([EXIT.failed]);
    expect(host.stderr.text).toMatch(/^SIGINT again: ending at once/);
    finish();
    await end;
  });

  it('finishes in order when the process that started it with a channel is gone, also when it stops already', async () => {
    const host = new FakeProcess();
    host.channel = {};
    const { commands, started, finish } = waiting();
    const end = program(host, commands);
    await started;
    host.emit('disconnect');
    finish();
    await end;
    expect([host.codes, host.stderr.text]).toEqual([[EXIT.ok], '']);

    const stopping = new FakeProcess();
    stopping.channel = {};
    const second = waiting();
    const secondEnd = program(stopping, second.commands);
    await second.started;
    stopping.emit('SIGTERM', 'SIGTERM');
    stopping.emit('disconnect');
    expect(stopping.codes).toEqual([]);
    second.finish();
    await secondEnd;
    expect([stopping.codes, stopping.stderr.text]).toEqual([[EXIT.ok], '']);
  });

  it('does not listen for a channel that it has not', async () => {
    const host = new FakeProcess();
    await program(
      host,
      only(async () => EXIT.ok),
    );
    expect(host.listenerCount('disconnect')).toBe(0);
  });

  it('stops when nobody reads the results any more, and goes on when nobody reads the log', async () => {
    const host = new FakeProcess();
    const { commands, started, finish } = waiting();
    const end = program(host, commands);
    await started;
    finish();
    host.stderr.emit('error', new Error('EPIPE'));
    await new Promise(setImmediate);
    expect(host.codes).toEqual([]);
    host.stdout.emit('error', new Error('EPIPE'));
    await end;
    expect(host.codes).toEqual([EXIT.ok]);
  });

  it('exits only after its output was taken', async () => {
    const host = new FakeProcess();
    const taken = Promise.withResolvers<void>();
    host.stdout.write = (_text: string, done?: () => void) => {
      void taken.promise.then(done);
      return true;
    };
    const end = program(
      host,
      only(async () => EXIT.ok),
    );
    await new Promise(setImmediate);
    expect(host.codes).toEqual([]);
    taken.resolve();
    await end;
    expect(host.codes).toEqual([EXIT.ok]);
  });
});
