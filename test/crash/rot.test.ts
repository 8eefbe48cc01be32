import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dice } from '../../src/emulator/random.ts';
import { EXIT, ExitError } from '../../src/errors.ts';
import { until } from '../support/process.ts';
import type { Stage } from '../support/stage.ts';
import { ALL, diceFor, failuresOf, report } from './amount.ts';
import { happened, isEvent, lastLines, openScene } from './scene.ts';
import { readState } from './state-text.ts';

const TRIALS = ALL ? 400 : 14;
const AT_ONCE = 4;
const HOUR_S = 3_600;
/** Where coverage and the start of a stream stand: a bit here could call covered what never arrived. */
const WEIGHTY = ['coverage', 'feed'];

describe('a state file that rots between two runs', () => {
  it('stops the start, or costs no event', async () => {
    const counts = { refused: 0, harmless: 0 };
    const trials = Array.from({ length: TRIALS }, (_, n) => n);
    const failures = await failuresOf(trials, AT_ONCE, async trial => {
      const dice = diceFor(`rot ${trial}`);
      const stage = await openScene();
      try {
        await leaveState(stage, dice.chance(0.5));
        const damage = spoil(stage.state, dice);
        const { verdict, wrong } = await startAgain(stage);
        counts[verdict] += 1;
        return wrong.map(each => `${damage}: ${each}`);
      } finally {
        await stage.close();
      }
    });
    report('rot', { trials: TRIALS, ...counts, wrong: failures.length });
    expect(failures).toEqual([]);
  });

  it('never says another thing of its coverage, its streams, or what it holds', async () => {
    const stage = await openScene();
    onTestFinished(stage.close);
    await leaveState(stage, true);
    const { trials, refused, same, wrong } = await spoilOften(stage, ALL ? 20_000 : 800);
    report('rot, looked at only', { trials, refused, same, wrong: wrong.length });
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(trials / 10);
  });
});

/** A first run: ended in order, or killed in the middle. Then two more hours happen, which nobody has read. */
async function leaveState(stage: Stage, inOrder: boolean): Promise<void> {
  const program = await stage.run(inOrder ? ['--once'] : []);
  if (!inOrder) {
    await until('some events to arrive', () => arrived(stage).size > 30, 180_000);
    await program.end('SIGKILL');
  }
  await program.exited;
  stage.emulator.organization.jump(2 * HOUR_S * 1000);
  happened(stage, 30, 2 * HOUR_S - 60, 20);
}

function arrived({ backend }: Stage): ReadonlySet<string> {
  return new Set(backend.requests.flatMap(({ records }) => records.filter(isEvent).map(({ uid }) => uid)));
}

/** Damages the state, and says how. */
function spoil(path: string, dice: Dice): string {
  const log = `${path}-wal`;
  const file = existsSync(log) && statSync(log).size > 0 && dice.chance(0.5) ? log : path;
  if (dice.chance(0.1)) {
    const length = dice.integer(1, statSync(file).size - 1);
    truncateSync(file, length);
    return `${file === log ? 'log' : 'file'} cut to ${length}`;
  }
  const bytes = readFileSync(file);
  const at = dice.pick(file === path && dice.chance(0.5) ? weighty(path, bytes) : written(bytes));
  const bit = dice.integer(0, 7);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(file, bytes);
  return `${file === log ? 'log' : 'file'} byte ${at} bit ${bit}`;
}

/** Places of bytes that are not 0: what is empty says nothing. */
function written(bytes: Buffer, from = 0, to = bytes.length): readonly number[] {
  return Array.from({ length: to - from }, (_, n) => from + n).filter(at => (bytes[at] ?? 0) !== 0);
}

/** The same in the pages of the tables that weigh most, where these are in the file already. */
function weighty(path: string, bytes: Buffer): readonly number[] {
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  const db = new DatabaseSync(copy, { readOnly: true });
  try {
    const pages = db.prepare('SELECT rootpage AS page FROM sqlite_schema WHERE name IN (?, ?)').all(...WEIGHTY);
    const found = pages.flatMap(({ page }) => written(bytes, (Number(page) - 1) * 4096, Number(page) * 4096));
    return found.length > 0 ? found : written(bytes);
  } catch {
    return written(bytes);
  } finally {
    db.close();
  }
}

async function startAgain(stage: Stage): Promise<{ verdict: 'refused' | 'harmless'; wrong: readonly string[] }> {
  const program = await stage.run(['--once']);
  const { code, signal } = await program.exited;
  const said = program.stderr();
  if (code === EXIT.stateDamaged) {
    const isClear = /storage\.path .* (is damaged|was made by a newer version)/.test(said);
    return { verdict: 'refused', wrong: isClear ? [] : [`an unclear refusal: ${lastLines(said)}`] };
  }
  const lost = stage.listed().filter(uid => !arrived(stage).has(uid));
  return {
    verdict: 'harmless',
    wrong: [
      ...(code === 0 ? [] : [`ended with ${signal ?? code}: ${lastLines(said)}`]),
      ...(lost.length > 0 ? [`${lost.length} lost`] : []),
    ],
  };
}

/** One bit each time, without a run of the program: what opens must say the same, but for single ids of the ledger. */
async function spoilOften({ state }: Stage, trials: number) {
  const dice = diceFor('rot, looked at only');
  const bytes = readFileSync(state);
  const places = [written(bytes), weighty(state, bytes)];
  const { rest } = await readState(state);
  const counts = { trials, refused: 0, same: 0 };
  const wrong: string[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const at = dice.pick(places[trial % 2] ?? []);
    const bit = dice.integer(0, 7);
    const spoiled = Buffer.from(bytes);
    spoiled[at] = (spoiled[at] ?? 0) ^ (1 << bit);
    for (const end of ['-wal', '-shm']) rmSync(state + end, { force: true });
    writeFileSync(state, spoiled);
    const found = await readState(state).catch((error: unknown) => error);
    if (found instanceof ExitError && found.exitCode === EXIT.stateDamaged) counts.refused += 1;
    else if (found instanceof Error) wrong.push(`byte ${at} bit ${bit}: ${found}`);
    else if ((found as { rest: string }).rest === rest) counts.same += 1;
    else wrong.push(`byte ${at} bit ${bit}: another state`);
  }
  return { ...counts, wrong };
}
