import { access } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, type RunningProcess, startProcess, temporaryDirectory, until } from '../support/process.ts';

async function script(source: string): Promise<RunningProcess> {
  const running = await startProcess(process.execPath, ['-e', source]);
  onTestFinished(async () => void (await running.end('SIGKILL')));
  return running;
}

describe('startProcess', () => {
  it('finds a line of either output, written before or after the question', async () => {
    const running = await script(
      `console.error('ready on 8080'); setTimeout(() => console.log('done'), 100); setInterval(() => {}, 1000)`,
    );
    expect((await running.line(/^done$/))[0]).toBe('done');
    expect((await running.line(/ready on (\d+)/))[1]).toBe('8080');
    expect([running.stdout(), running.stderr()]).toEqual(['done\n', 'ready on 8080\n']);
  });

  it('rejects with the end of the output when the process ends without the line', async () => {
    const running = await script(`console.error('no such key'); process.exitCode = 3`);
    await expect(running.line(/ready/)).rejects.toThrow(/ended with 3:\nno such key/);
    expect(await running.exited).toEqual({ code: 3, signal: null });
  });

  it('rejects when the line does not come in time', async () => {
    const running = await script('setInterval(() => {}, 1000)');
    await expect(running.line(/ready/, 50)).rejects.toThrow('nothing of the kind in 50 ms');
  });

  it('kills what ignores the signal', async () => {
    const running = await script(`process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`);
    await running.line(/up/);
    expect(await running.end('SIGTERM', 100)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await running.end()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('hands on no environment but what it is given', async () => {
    process.env.SECRET_OF_THE_CALLER = 'x';
    onTestFinished(() => void delete process.env.SECRET_OF_THE_CALLER);
    const running = await startProcess(process.execPath, ['-p', 'Object.keys(process.env).sort().join()'], {
      env: { GIVEN: '1' },
    });
    await running.exited;
    expect(running.stdout()).toBe('GIVEN,HOME,PATH\n');
  });

  it('rejects when the program does not exist', async () => {
    await expect(startProcess('/nonexistent/program', [])).rejects.toThrow('ENOENT');
  });
});

it('names a port that can be listened on, and a directory that goes away', async () => {
  expect(await freePort()).toBeGreaterThan(0);
  const directory = await temporaryDirectory();
  await access(directory.path);
  await directory.remove();
  await expect(access(directory.path)).rejects.toThrow('ENOENT');
});

it('asks until the condition holds, and keeps the reason when it never does', async () => {
  let asked = 0;
  await until('the third question', () => ++asked === 3);
  expect(asked).toBe(3);
  const never = until('luck', () => Promise.reject(new Error('refused')), 60);
  await expect(never).rejects.toMatchObject({ message: 'waited 60 ms for luck', cause: { message: 'refused' } });
});
