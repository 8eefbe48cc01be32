import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunningProcess } from '../support/process.ts';
import { until } from '../support/process.ts';
import type { Stage } from '../support/stage.ts';
import { ALL, diceFor, failuresOf, report } from './amount.ts';
import { finish, happened, isEvent, judge, openScene } from './scene.ts';

const SHIFTED = new URL('shifted-clock.ts', import.meta.url).href;
const HOUR_MS = 3_600_000;
const WORLDS = 4;
const JUMPS_EACH = ALL ? 20 : 3;
const STOPS_EACH = ALL ? 12 : 1;
/** Less than the process stands still. */
const TIMEOUT = '3s';
const STOPPED_MS = 4_500;
const PATIENCE_MS = 180_000;

describe('time', () => {
  it('that jumps on this machine, forward and back, neither loses nor doubles an event', async () => {
    const dice = diceFor('clock');
    const worlds = Array.from({ length: WORLDS }, (_, n) => n);
    const failures = await failuresOf(worlds, WORLDS, world =>
      inWorld(async stage => {
        const file = join(stage.directory, 'shift');
        const shift = (ms: number) => writeFileSync(file, String(ms));
        // One starts with a clock that is years behind, one with a clock that is weeks ahead.
        shift(([0, -30_000, 1_000][world] ?? 0) * HOUR_MS);
        const program = await stage.run([], { NODE_OPTIONS: `--import=${SHIFTED}`, CLOCK_SHIFT: file });
        for (let jump = 0; jump < JUMPS_EACH; jump += 1) {
          happened(stage, 10, 3, 0);
          await delay(dice.integer(300, 1500));
          shift(dice.integer(-1000, 1000) * HOUR_MS);
        }
        return [...(await endsWell(stage, program)), ...(await judge(stage, 0))];
      }),
    );
    report('jumps of the clock', { jumps: WORLDS * JUMPS_EACH, wrong: failures.length });
    expect(failures).toEqual([]);
  });

  it('that stands still for the process in the middle of an export or of a read loses nothing', async () => {
    const worlds = Array.from({ length: WORLDS }, (_, n) => n);
    const failures = await failuresOf(worlds, WORLDS, world =>
      inWorld(
        async stage => {
          const program = await stage.run();
          await until('the history to arrive', () => isComplete(stage), PATIENCE_MS);
          for (let stop = 0; stop < STOPS_EACH; stop += 1)
            await (world % 2 === 0 ? stopInExport : stopInRead)(stage, program);
          return [...(await endsWell(stage, program)), ...(await judge(stage, STOPS_EACH))];
        },
        { timeout: TIMEOUT },
      ),
    );
    report('stops', { stops: WORLDS * STOPS_EACH, wrong: failures.length });
    expect(failures).toEqual([]);
  });
});

async function inWorld(
  work: (stage: Stage) => Promise<readonly string[]>,
  options: Parameters<typeof openScene>[0] = {},
): Promise<readonly string[]> {
  const stage = await openScene(options);
  try {
    return await work(stage);
  } finally {
    await stage.close();
  }
}

function isComplete(stage: Stage): boolean {
  const arrived = new Set(
    stage.backend.requests.flatMap(({ records }) => records.filter(isEvent).map(({ uid }) => uid)),
  );
  return stage.listed().every(uid => arrived.has(uid));
}

/** Everything arrives while it runs, without another start. */
async function endsWell(stage: Stage, program: RunningProcess): Promise<readonly string[]> {
  await until('everything to arrive', () => isComplete(stage), PATIENCE_MS);
  const { code, signal } = await program.end();
  return [...(code === 0 ? [] : [`ended with ${signal ?? code}`]), ...(await finish(stage))];
}

/** The backend has the batch and answers while the process cannot hear it; its timeout is over when it wakes. */
async function stopInExport(stage: Stage, program: RunningProcess): Promise<void> {
  const before = stage.backend.requests.length;
  stage.backend.answer({ delayMs: 500 }, {});
  happened(stage, 10, 3, 0);
  await until('an export', () => stage.backend.requests.length > before);
  await stopped(program);
}

/** The answer of the API waits in the kernel until the process wakes. */
async function stopInRead(stage: Stage, program: RunningProcess): Promise<void> {
  const before = stage.emulator.requests.total;
  stage.emulator.configure({ latencyMs: 800 });
  happened(stage, 10, 3, 0);
  await until('a request', () => stage.emulator.requests.total > before);
  await stopped(program);
  stage.emulator.configure({ latencyMs: 0 });
}

async function stopped({ pid }: RunningProcess): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await delay(STOPPED_MS);
  process.kill(pid, 'SIGCONT');
}
