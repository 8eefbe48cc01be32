import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../test/support/process.ts';
import type { Measure } from '../figure.ts';
import { costSoFar } from '../metered.ts';
import { DAY_S, HOUR_S, withScene } from '../scene.ts';

const HISTORY = 1_000;
/** Until what was started has been done, and what is compiled after a while has been compiled. */
const WARM_UP_MS = 20_000;
const IDLE_MS = 40_000;
const MOST_CPU_MS = 30;

/** What a poll costs that finds nothing, at a poll a second of one stream; once a minute the state is saved. */
export const idle: Measure = {
  name: 'idle',
  run: () =>
    withScene({ streams: ['organization'] }, async ({ stage, sink, environment, happened }) => {
      happened(HISTORY, [3 * DAY_S, 2 * HOUR_S]);
      const { pid } = await stage.run([], environment);
      await until('the history to be delivered', () => sink.arrivals.size === HISTORY, 120_000);
      await delay(WARM_UP_MS);
      const { requests } = stage.emulator;
      const [before, polledBefore] = [await costSoFar(pid), requests.total];
      await delay(IDLE_MS);
      const [after, polls] = [await costSoFar(pid), requests.total - polledBefore];
      return [
        {
          what: 'idle poll: CPU',
          unit: 'ms',
          ours: (after.cpuMs - before.cpuMs) / polls,
          most: { of: 'ours', value: MOST_CPU_MS },
        },
        {
          what: 'idle poll: written to disk',
          unit: 'B',
          ours: Math.round((after.writtenBytes - before.writtenBytes) / polls),
          most: { of: 'ours', value: 0 },
        },
      ];
    }),
};
