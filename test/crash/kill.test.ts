import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ALL, diceFor, failuresOf, report, sample } from './amount.ts';
import { finish, happened, judge, openScene } from './scene.ts';
import { CALLS, type Call, countCalls, injecting, tracing, untraceable } from './strace.ts';

const WORLDS = 4;
const KILLS_EACH = ALL ? 60 : 4;

describe('a process that is killed', () => {
  it('at random moments neither loses nor invents an event', async () => {
    const dice = diceFor('kill');
    const worlds = Array.from({ length: WORLDS }, (_, n) => n);
    const failures = await failuresOf(worlds, WORLDS, async () => {
      const stage = await openScene({ older: 300 });
      onTestFinished(stage.close);
      for (let kill = 0; kill < KILLS_EACH; kill += 1) {
        const program = await stage.run();
        happened(stage, 5, 3, 0);
        await delay(dice.integer(100, 2500));
        await program.end('SIGKILL');
      }
      return [...(await finish(stage)), ...(await judge(stage, KILLS_EACH))];
    });
    report('random kills', { kills: WORLDS * KILLS_EACH, wrong: failures.length });
    expect(failures).toEqual([]);
  });

  it.skipIf(untraceable)(`at each system call loses nothing${because()}`, async () => {
    const all = await momentsOfOneRun();
    const moments = sample(all, 24);
    let kills = 0;
    const failures = await failuresOf(moments, WORLDS, async moment => {
      const { killed, wrong } = await killedAt(moment);
      kills += Number(killed);
      return wrong;
    });
    report('kills at a system call', { calls: all.length, tried: moments.length, kills, wrong: failures.length });
    expect(failures).toEqual([]);
    // No two runs are the same: the last calls of one may be missing in another.
    expect(kills).toBeGreaterThan(moments.length * 0.8);
  });
});

interface Moment {
  readonly call: Call;
  readonly nth: number;
}

/** Every call that an undisturbed run makes. */
async function momentsOfOneRun(): Promise<readonly Moment[]> {
  const stage = await openScene();
  onTestFinished(stage.close);
  const file = join(stage.directory, 'calls');
  const program = await stage.run(['--once'], {}, tracing(file, CALLS));
  expect(await program.exited).toEqual({ code: 0, signal: null });
  const counts = countCalls(`${file}.${program.pid}`);
  return CALLS.flatMap(call => Array.from({ length: counts.get(call) ?? 0 }, (_, n) => ({ call, nth: n + 1 })));
}

async function killedAt({
  call,
  nth,
}: Moment): Promise<{ readonly killed: boolean; readonly wrong: readonly string[] }> {
  const stage = await openScene();
  try {
    const program = await stage.run(['--once'], {}, injecting(call, 'signal=KILL', String(nth)));
    const { code, signal } = await program.exited;
    const killed = signal === 'SIGKILL';
    const end = killed || code === 0 ? [] : [`ended with ${signal ?? code} instead`];
    return { killed, wrong: [...end, ...(await finish(stage)), ...(await judge(stage, 1))] };
  } finally {
    await stage.close();
  }
}

function because(): string {
  return untraceable === undefined ? '' : ` (skipped: ${untraceable}; random moments stand for them)`;
}
