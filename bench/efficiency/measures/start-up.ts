import { startProcess, until } from '../../../test/support/process.ts';
import type { Measure } from '../figure.ts';
import { costSoFar, createMeter } from '../metered.ts';
import { type Scene, withScene } from '../scene.ts';

const TIMES = 5;

/** From the start of the process to its first request; beside a Node that does nothing at all. */
export const startUp: Measure = {
  name: 'start-up',
  run: () =>
    withScene({ streams: ['organization'] }, async scene => {
      const ours: Started[] = [];
      const floor: Started[] = [];
      for (let i = 0; i < TIMES; i += 1) {
        floor.push(await startBare(scene));
        ours.push(await start(scene));
      }
      const what = 'start-up to the first request, median';
      return [
        { what, unit: 'ms', ours: medianOf(ours, 'tookMs'), floor: medianOf(floor, 'tookMs') },
        { what: `${what}: CPU`, unit: 'ms', ours: medianOf(ours, 'cpuMs'), floor: medianOf(floor, 'cpuMs') },
      ];
    }),
};

interface Started {
  readonly tookMs: number;
  readonly cpuMs: number;
}

async function startBare({ stage }: Scene): Promise<Started> {
  const meter = createMeter(stage.directory, 'bare');
  const startedMs = performance.now();
  const { exited } = await startProcess(process.execPath, ['--eval', ''], { env: meter.environment });
  await exited;
  return { tookMs: performance.now() - startedMs, cpuMs: (await meter.read()).cpuS * 1000 };
}

async function start({ stage, environment }: Scene): Promise<Started> {
  const { requests } = stage.emulator;
  const before = requests.total;
  const startedMs = performance.now();
  const program = await stage.run([], environment);
  await until('the first request', () => requests.total > before);
  const tookMs = performance.now() - startedMs;
  const { cpuMs } = await costSoFar(program.pid);
  await program.end();
  return { tookMs, cpuMs };
}

function medianOf(all: readonly Started[], what: keyof Started): number {
  const values = all.map(each => each[what]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}
