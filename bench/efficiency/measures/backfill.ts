import { stat } from 'node:fs/promises';
import { DEMO_KEY } from '../../../src/emulator/emulator.ts';
import { startProcess } from '../../../test/support/process.ts';
import type { Figure, Measure } from '../figure.ts';
import type { Cost } from '../meter.ts';
import { createMeter, floorCommand } from '../metered.ts';
import { DAY_S, HOUR_S, type Scene, withScene } from '../scene.ts';

const SIZES = [10_000, 100_000, 1_000_000];
/** Played first and not measured: what Node compiles of the sources is kept from then on. */
const WARM_UP = 100;
const MOST_CPU = 4;
const MOST_RSS_MB = 160;
const MOST_GROWTH = 1.1;
const MOST_BYTES = 75;

interface Backfill {
  readonly count: number;
  readonly ours: Cost & { readonly requests: number; readonly stateBytes: number };
  readonly floor: Cost & { readonly requests: number };
}

/** One organization's history, read once to its end, and the same history read by the bare loop. */
export const backfill: Measure = {
  name: 'backfill',
  async run(most) {
    await measure(WARM_UP);
    const done: Backfill[] = [];
    for (const count of SIZES.filter(size => size <= most)) done.push(await measure(count));
    return [...done.flatMap(figuresOf), ...growth(done)];
  },
};

function measure(count: number): Promise<Backfill> {
  return withScene({ streams: ['organization'], start_from: '31d' }, async scene => {
    scene.happened(count, [30 * DAY_S, 2 * HOUR_S]);
    const floor = await measureFloor(scene);
    const ours = await measureOurs(scene, count);
    return { count, ours, floor };
  });
}

async function measureFloor({ stage, environment }: Scene): Promise<Backfill['floor']> {
  const { requests } = stage.emulator;
  const before = requests.total;
  const meter = createMeter(stage.directory, 'floor');
  const [node, ...args] = floorCommand;
  const env = { ...environment, ...meter.environment, OPENAI_BASE_URL: stage.api, OPENAI_ADMIN_KEY: DEMO_KEY };
  const { exited } = await startProcess(node, args, { env });
  const { code } = await exited;
  if (code !== 0) throw new Error(`the floor ended with ${code}`);
  return { ...(await meter.read()), requests: requests.total - before };
}

async function measureOurs({ stage, sink, environment }: Scene, count: number): Promise<Backfill['ours']> {
  const { requests } = stage.emulator;
  const before = requests.total;
  const meter = createMeter(stage.directory, 'collector');
  const program = await stage.run(['--once'], { ...environment, ...meter.environment });
  const { code } = await program.exited;
  await sink.settled();
  const { size } = sink.arrivals;
  if (code !== 0 || size !== count || sink.doubled > 0) {
    throw new Error(`ended with ${code}, ${size} of ${count} events, ${sink.doubled} doubled: ${program.stderr()}`);
  }
  const { size: stateBytes } = await stat(stage.state);
  return { ...(await meter.read()), requests: requests.total - before, stateBytes };
}

function figuresOf({ count, ours, floor }: Backfill): readonly Figure[] {
  const what = (of: string) => `backfill of ${count.toLocaleString('en-US')}: ${of}`;
  return [
    {
      what: what('CPU'),
      unit: 's',
      ours: ours.cpuS,
      floor: floor.cpuS,
      most: { of: 'ratio', value: MOST_CPU },
    },
    {
      what: what('peak RSS'),
      unit: 'MB',
      ours: ours.peakRssMb,
      floor: floor.peakRssMb,
      most: { of: 'ours', value: MOST_RSS_MB },
    },
    { what: what('requests'), unit: '', ours: ours.requests, floor: floor.requests },
    {
      what: what('event-loop delay, p99'),
      unit: 'ms',
      ours: ours.loopDelayP99Ms,
      floor: floor.loopDelayP99Ms,
    },
    {
      what: what('state an event'),
      unit: 'B',
      ours: ours.stateBytes / count,
      // A small file is mostly what every file has.
      ...(count === SIZES.at(-1) && { most: { of: 'ours', value: MOST_BYTES } }),
    },
  ];
}

/** What a tenfold history adds to the memory of a long one. */
function growth(done: readonly Backfill[]): readonly Figure[] {
  const [middle, large] = [SIZES[1], SIZES[2]].map(size => done.find(({ count }) => count === size));
  if (middle === undefined || large === undefined) return [];
  return [
    {
      what: 'peak RSS at 1,000,000 beside that at 100,000',
      unit: 'MB',
      ours: large.ours.peakRssMb,
      floor: middle.ours.peakRssMb,
      most: { of: 'ratio', value: MOST_GROWTH },
    },
  ];
}
