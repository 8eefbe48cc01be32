import { expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { pruneLoop } from '../../src/pipeline/prune.ts';
import type { Source } from '../../src/pipeline/source.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { AUDIT_LOGS } from '../support/audit-logs.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const DAY_S = 86_400;
/** Half past an hour. */
const NOW_S = 30 * DAY_S + 1_800;

it('forgets ids by whole hours, and makes that known before', async () => {
  const clock = createFakeClock();
  const feed = new Feed({ organization: 'acme', stream: 'organization' }, AUDIT_LOGS, undefined);
  feed.start(NOW_S);
  feed.sawEvents();
  feed.cover({ from: 0, to: NOW_S }, NOW_S);
  const steps: string[] = [];
  const pipeline: Partial<Pipeline> = { save: async ({ state }) => void steps.push(`floor ${state.floor}`) };
  const storage: Partial<Storage> = {
    prune: async (_organization, before, streams) => {
      steps.push(`prune ${before} of ${streams}`);
      return 0;
    },
  };
  const log = createLogger({ level: 'error', format: 'text', clock, write: () => undefined });
  const time = { estimateS: () => NOW_S };
  const source = { feed, pipeline, time, clock, random: Math.random, log } as unknown as Source;
  const end = new AbortController();
  const loop = pruneLoop('acme', [source], storage as Storage, end.signal);
  await clock.advance(3_600_000);
  expect(steps).toEqual([`floor ${23 * DAY_S}`, `prune ${23 * DAY_S} of organization`]);
  end.abort();
  await expect(loop).rejects.toThrow();
});
