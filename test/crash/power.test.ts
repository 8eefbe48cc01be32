import { existsSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Interval } from '../../src/coverage/intervals.ts';
import type { Dice } from '../../src/emulator/random.ts';
import type { Stage } from '../support/stage.ts';
import { ALL, diceFor, report } from './amount.ts';
import { DiskImage, type Loss, SECTOR } from './disk-image.ts';
import { type Operation, RECORDED_CALLS, RECORDING, readRecording } from './recording.ts';
import { happened, isEvent, openScene, STREAMS } from './scene.ts';
import { readState } from './state-text.ts';
import { tracing, untraceable } from './strace.ts';

const FILES = ['state.db', 'state.db-wal', 'state.db-journal'];
const MARKS = new URL('commit-marks.ts', import.meta.url).href;
const HOUR_S = 3_600;
/** How many operations lie between two cuts. */
const EVERY = ALL ? 1 : 17;

describe.skipIf(untraceable)(
  `a power cut at any moment${untraceable === undefined ? '' : ` (skipped: ${untraceable})`}`,
  () => {
    it('keeps every transaction that had ended, and at most the one under way besides', async () => {
      const recorded = await record({});
      const { states, lost, unreadable } = await cutEverywhere(recorded.operations, EVERY, diceFor('power'));
      report('power cuts', {
        operations: recorded.operations.length,
        commits: commitsOf(recorded),
        states,
        lost,
        unreadable,
      });
      expect({ lost, unreadable }).toEqual({ lost: 0, unreadable: 0 });
      expect(commitsOf(recorded)).toBeGreaterThan(20);
      // What was acknowledged or covered by then, the backend had by then.
      expect(await untrueAt(recorded)).toEqual([]);
    });

    it('loses transactions when SQLite syncs less, so that the cuts are shown to find what is lost', async () => {
      const { operations } = await record({ SQLITE_SYNCHRONOUS: 'NORMAL' });
      const { states, lost } = await cutEverywhere(operations, 17, diceFor('normal'));
      report('power cuts under NORMAL, which must lose', { states, lost });
      expect(lost).toBeGreaterThan(0);
    });

    it('keeps every transaction after a sync failed, of which the kernel may never write the pages', async () => {
      const dice = diceFor('failed sync');
      const total = { states: 0, lost: 0, unreadable: 0 };
      for (const nth of failedSyncs()) {
        const { operations } = await record({}, ['-e', `inject=fsync:error=EIO:when=${nth}`]);
        const found = await cutEverywhere(operations, 5 * EVERY, dice);
        for (const key of ['states', 'lost', 'unreadable'] as const) total[key] += found[key];
      }
      report('power cuts after a failed sync', { syncs: failedSyncs().length, ...total });
      expect(total).toMatchObject({ lost: 0, unreadable: 0 });
    });
  },
);

/** The first ones make the file and its schema: there the program does not start. */
function failedSyncs(): readonly number[] {
  return ALL ? Array.from({ length: 30 }, (_, n) => n + 8) : [14];
}

interface Recorded {
  readonly stage: Stage;
  readonly operations: readonly Operation[];
  /** When each event arrived at the backend, Unix milliseconds. */
  readonly arrivedAtMs: ReadonlyMap<string, number>;
}

function commitsOf({ operations }: Recorded): number {
  return operations.filter(({ kind }) => kind === 'committed').length;
}

/** Two runs on one state, one after the other. */
async function record(environment: Readonly<Record<string, string>>, more: readonly string[] = []): Promise<Recorded> {
  const stage = await openScene();
  onTestFinished(stage.close);
  const arrivedAtMs = new Map<string, number>();
  stage.backend.answerWith(({ records }) => {
    for (const { uid } of records.filter(isEvent)) arrivedAtMs.set(uid, performance.timeOrigin + performance.now());
    return {};
  });
  const operations = [...(await recordRun(stage, 'first', environment, more))];
  stage.emulator.organization.jump(2 * HOUR_S * 1000);
  happened(stage, 40, 2 * HOUR_S - 60, 10);
  operations.push(...(await recordRun(stage, 'second', environment, [])));
  return { stage, operations, arrivedAtMs };
}

async function recordRun(
  stage: Stage,
  name: string,
  environment: Readonly<Record<string, string>>,
  more: readonly string[],
): Promise<readonly Operation[]> {
  const file = join(stage.directory, name);
  const program = await stage.run(
    ['--once'],
    { NODE_OPTIONS: `--import=${MARKS}`, COMMIT_MARKS: join(stage.directory, 'marks'), ...environment },
    tracing(file, RECORDED_CALLS, [...RECORDING, ...more]),
  );
  const { code, signal } = await program.exited;
  if (code !== 0) throw new Error(`the recorded run ended with ${signal ?? code}: ${program.stderr()}`);
  return readRecording(`${file}.${program.pid}`, 'marks').filter(isOfState(stage));
}

/** The directory's name stands for itself. */
function isOfState({ directory }: Stage): (operation: Operation) => boolean {
  return operation =>
    operation.kind === 'committed' || FILES.includes(operation.file) || directory.endsWith(operation.file);
}

const everything: Loss = () => 'kept';
const nothing: Loss = () => 'gone';

/** Unsynced writes are all kept, all gone, some gone, and torn. */
function losses(dice: Dice): readonly Loss[] {
  return [
    everything,
    nothing,
    () => (dice.chance(0.5) ? 'kept' : 'gone'),
    size => (size === 0 ? 'kept' : Array.from({ length: Math.ceil(size / SECTOR) + 1 }, () => dice.chance(0.5))),
  ];
}

/** Cuts the power after one operation of so many, and compares what is found then with what had been committed. */
async function cutEverywhere(operations: readonly Operation[], every: number, dice: Dice) {
  const snapshots = await snapshotsOf(operations);
  const image = new DiskImage();
  const found = { states: 0, lost: 0, unreadable: 0 };
  let committed = 0;
  for (const [n, operation] of operations.entries()) {
    image.apply(operation);
    if (operation.kind === 'committed') committed += 1;
    if (n % every !== 0) continue;
    for (const loss of losses(dice)) {
      const content = await contentOf(image.after(loss), dice);
      const expected = [snapshots[committed], snapshots[committed + 1]];
      found.states += 1;
      if (content === undefined) found.unreadable += 1;
      else if (!expected.includes(content)) found.lost += 1;
    }
  }
  return found;
}

/** What the state holds at first and after each transaction. */
async function snapshotsOf(operations: readonly Operation[]): Promise<readonly string[]> {
  const image = new DiskImage();
  const snapshots = [(await contentOf(new Map())) ?? 'unreadable'];
  for (const operation of operations) {
    image.apply(operation);
    if (operation.kind === 'committed') snapshots.push((await contentOf(image.after(everything))) ?? 'unreadable');
  }
  return snapshots;
}

/** All that a state says, as text; undefined when it does not open. The index of the log is left as the cut may leave it. */
async function contentOf(files: ReadonlyMap<string, Buffer>, dice?: Dice): Promise<string | undefined> {
  for (const name of readdirSync(scratch)) unlinkSync(join(scratch, name));
  for (const [name, content] of files) if (content.length > 0) writeFileSync(join(scratch, name), content);
  if (dice?.chance(0.5)) writeFileSync(join(scratch, 'state.db-shm'), Buffer.from(dice.hex(32_768), 'hex'));
  try {
    const { ids, rest } = await readState(join(scratch, 'state.db'));
    return `${rest}\n${ids}`;
  } catch {
    return undefined;
  }
}

/** One for all states, in memory where that is possible. */
const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'power-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What a state said at the end of any transaction that was not true at that time. */
async function untrueAt({ stage, operations, arrivedAtMs }: Recorded): Promise<readonly string[]> {
  const image = new DiskImage();
  const untrue: string[] = [];
  for (const operation of operations) {
    image.apply(operation);
    if (operation.kind !== 'committed') continue;
    const arrived = (uid: string) => (arrivedAtMs.get(uid) ?? Number.POSITIVE_INFINITY) <= operation.atMs;
    const [rest = '[]', ids = '[]'] = ((await contentOf(image.after(everything))) ?? '').split('\n');
    const [, feeds]: [unknown, ({ coverage: Interval[] } | null)[]] = JSON.parse(rest);
    const known: { uid: string }[][] = JSON.parse(ids);
    for (const [n, stream] of STREAMS.entries()) {
      for (const { uid } of known[n] ?? []) if (!arrived(uid)) untrue.push(`${uid} acknowledged too early`);
      for (const { id, effectiveAt } of stage.emulator.organization.listed(stream)) {
        const isCovered = feeds[n]?.coverage.some(({ from, to }) => from <= effectiveAt && effectiveAt < to);
        if (isCovered && !arrived(id)) untrue.push(`${id} covered too early`);
      }
    }
  }
  return untrue;
}
