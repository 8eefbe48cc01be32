import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunningProcess, until } from '../support/process.ts';
import { failuresOf, report, sample } from './amount.ts';
import { finish, happened, isEvent, judge, lastLines, openScene } from './scene.ts';
import { countCalls, injecting, tracing, untraceable } from './strace.ts';

const ERRORS = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'] as const;
const STORING = ['pwrite64', 'fsync', 'ftruncate'] as const;
const AT_ONCE = 4;
const MIB = 1024 * 1024;
const PATIENCE_MS = 180_000;
/** As many events as write the disk of `smallDisk` full, unless SQLite's log is written back and used again. */
const MUCH = 1000;
/** Fewer than a page, so that one poll reads them all: what it leaves is a gap, filled a quarter of an hour later. */
const LOT = 50;

interface Fault {
  readonly call: (typeof STORING)[number];
  readonly error: (typeof ERRORS)[number];
  readonly nth: number;
  readonly forEver: boolean;
}

describe('a disk', () => {
  it.skipIf(untraceable)(`that fails at any call neither loses nor doubles an event${because()}`, async () => {
    const faults = sample(await faultsOfOneRun(), 20);
    let met = 0;
    const failures = await failuresOf(faults, AT_ONCE, async fault => {
      const { isMet, wrong } = await faultAt(fault);
      met += Number(isMet);
      return wrong;
    });
    report('failing disks', { faults: faults.length, said: met, wrong: failures.length });
    expect(failures).toEqual([]);
    expect(met).toBeGreaterThan(0);
  });

  it('that is full heals by itself when space returns', async ({ skip }) => {
    const mounted = smallDisk();
    if (mounted === undefined) return skip('this user may not mount a disk; the next test stands for this one');
    const filler = join(mounted, 'filler');
    await heals(mounted, { fill: () => fillUp(filler), free: () => rmSync(filler) });
  });

  it('on which the file may not grow heals by itself when it may', async () => {
    const limit = (pid: number, bytes: number | 'unlimited') =>
      void execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
    await heals(undefined, {
      fill: ({ pid }) => limit(pid, MIB / 64),
      free: ({ pid }) => limit(pid, 'unlimited'),
    });
  });
});

/** Every call of an undisturbed run with one error each: the kinds in turn, four calls once, the next four for ever. */
async function faultsOfOneRun(): Promise<readonly Fault[]> {
  const stage = await openScene();
  onTestFinished(stage.close);
  const file = join(stage.directory, 'calls');
  const program = await stage.run(['--once'], {}, tracing(file, STORING));
  expect(await program.exited).toEqual({ code: 0, signal: null });
  const counts = countCalls(`${file}.${program.pid}`);
  return STORING.flatMap(call =>
    Array.from({ length: counts.get(call) ?? 0 }, (_, n): Fault => {
      const error = ERRORS[n % ERRORS.length] ?? 'EIO';
      return { call, error, nth: n + 1, forEver: Math.floor(n / ERRORS.length) % 2 === 1 };
    }),
  );
}

/** Once: it must get over it by itself, when it had started. For ever: it waits, and the next start finds all in order. */
async function faultAt({ call, error, nth, forEver }: Fault): Promise<{ isMet: boolean; wrong: readonly string[] }> {
  const stage = await openScene();
  try {
    const through = injecting(call, `error=${error}`, forEver ? `${nth}+` : String(nth));
    const program = await stage.run(['--once'], {}, through);
    if (forEver) await givesUpOrWaits(program);
    const { code } = await program.exited;
    const said = program.stderr();
    const isMet = said.includes('storage.path');
    const hasStarted = said.includes('"started"');
    const wrong = [
      ...(code === 0 || forEver || !hasStarted ? [] : [`ended with ${code}: ${lastLines(said)}`]),
      ...(code === 0 || hasStarted || isMet ? [] : [`did not start, and did not say why: ${lastLines(said)}`]),
      ...(await finish(stage)),
      ...(await judge(stage, forEver ? 1 : 0)),
    ];
    return { isMet, wrong };
  } finally {
    await stage.close();
  }
}

/** Nothing of it comes to an end while the disk fails; where it began, the next start must go on. */
async function givesUpOrWaits(program: RunningProcess): Promise<void> {
  await program.line(/cannot be written/, PATIENCE_MS).catch(() => undefined);
  await Promise.race([program.exited, delay(700)]);
  await program.end(program.pid % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
}

interface Fullness {
  fill(program: RunningProcess): void;
  free(program: RunningProcess): void;
}

/** A running collector meets a disk without space, waits, and goes on without a restart. */
async function heals(stateDirectory: string | undefined, { fill, free }: Fullness): Promise<void> {
  const stage = await openScene(stateDirectory === undefined ? {} : { stateDirectory });
  onTestFinished(stage.close);
  const arrived = () =>
    new Set(stage.backend.requests.flatMap(({ records }) => records.filter(isEvent).map(({ uid }) => uid)));
  const isComplete = () => stage.listed().every(uid => arrived().has(uid));
  const program = await stage.run();
  await until('the history to arrive', isComplete, PATIENCE_MS);
  fill(program);
  const refusals = () => program.stderr().match(/the state cannot be written/g)?.length ?? 0;
  await until(
    'the disk to be full',
    () => {
      if (isComplete()) happened(stage, LOT, 1, 0);
      return refusals() > 2;
    },
    PATIENCE_MS,
  );
  expect(isComplete()).toBe(false);
  free(program);
  await until('the rest to arrive', isComplete, PATIENCE_MS);
  for (let written = 0; written < MUCH; written += LOT) {
    happened(stage, LOT, 1, 0);
    await until('what happens afterwards to arrive', isComplete, PATIENCE_MS);
  }
  expect(await program.end()).toEqual({ code: 0, signal: null });
  report('full disks', { events: stage.listed().length, refusals: refusals() });
  expect([...(await finish(stage)), ...(await judge(stage, 0))]).toEqual([]);
}

/** A disk of its own, where this user may mount one. */
function smallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', directory], { stdio: 'pipe' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', [directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
}

function fillUp(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(8 * MIB));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function because(): string {
  return untraceable === undefined ? '' : ` (skipped: ${untraceable})`;
}
