import { describe, expect, it } from 'vitest';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import type { Fault } from '../../src/emulator/fault.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { type Collecting, collecting, HOUR_MS, MINUTE_MS } from '../support/collecting.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const SMALL = { projects: 2, users: 6, groups: 1 };
const PROJECTS = '/organization/projects';
const KEYS = '/organization/projects/{project_id}/api_keys';
const ADMIN_KEYS = '/organization/admin_api_keys';

/** After its first reading; the next one begins an hour after that one did, in which time the clock stands. */
async function begun(auditLogs = {}, inventory = {}, ...faults: readonly Fault[]): Promise<Collecting> {
  const clock = createFakeClock();
  const emulator = createEmulator({ content: { kind: 'story', seed: '1', historyMs: HOUR_MS, size: SMALL }, clock });
  emulator.addFaults(faults);
  const storage = await openStorage(':memory:');
  const previous = { clock, emulator, storage };
  const collector = await collecting(auditLogs, previous, { enabled: true, intervalMs: HOUR_MS, ...inventory });
  await clock.advance(10 * MINUTE_MS);
  return collector;
}

function newKey({ organization }: Emulator): string {
  organization.act('project.created');
  const project = organization.estate.projects.at(-1)?.id;
  organization.act('api_key.created', project);
  const key = organization.estate.stock('api_key').at(-1);
  expect(key?.project?.id).toBe(project);
  return String(key?.id);
}

const told = ({ delivered }: Collecting, eventName: string) =>
  delivered
    .map(({ record }) => record)
    .filter(record => record.eventName === eventName)
    .map(({ attributes }) => attributes['openai.inventory.id'] ?? attributes['openai.inventory.snapshot.id']);

describe('what is listed among the admin keys', () => {
  it('is none while the projects are not read whole: it may be a key of one that nobody saw', async () => {
    const collector = await begun({ enabled: false });
    const key = newKey(collector.emulator);
    collector.emulator.addFaults([{ kind: 'status', status: 500, route: PROJECTS, times: 1_000_000 }]);
    await collector.clock.advance(HOUR_MS);
    collector.emulator.clearFaults();
    await collector.clock.advance(HOUR_MS);
    expect(told(collector, 'openai.inventory.admin_api_key.added')).toEqual([]);
    expect(told(collector, 'openai.inventory.api_key.added')).toEqual([key]);
    await collector.stop();
  });

  it('is looked for again where the second look failed', async () => {
    const { clock, emulator, ...collector } = await begun({ enabled: false });
    emulator.addFaults([{ kind: 'status', status: 401, route: ADMIN_KEYS }]);
    await clock.advance(50 * MINUTE_MS + 30_000);
    const key = newKey(emulator);
    emulator.addFaults([{ kind: 'status', status: 401, route: PROJECTS, times: 3 }]);
    await clock.advance(30 * MINUTE_MS);
    const all = { clock, emulator, ...collector };
    expect(told(all, 'openai.inventory.admin_api_key.added')).toEqual([]);
    expect(told(all, 'openai.inventory.api_key.added')).toEqual([key]);
    await collector.stop();
  });

  it('is looked for the second time at once', async () => {
    const late: Fault = { kind: 'status', status: 429, retryAfter: '300', route: KEYS };
    const { delivered, stop } = await begun({ enabled: false }, {}, late);
    const snapshot = delivered.find(({ record }) => record.eventName === 'openai.inventory.snapshot');
    expect(snapshot?.atMs).toBeLessThan(5.5 * MINUTE_MS);
    await stop();
  });

  it('is told soon, also when it is made while the list waits for others', async () => {
    const collector = await begun();
    const { clock, emulator } = collector;
    emulator.addFaults([{ kind: 'status', status: 429, retryAfter: '300', route: KEYS }]);
    await clock.advance(51 * MINUTE_MS);
    const { organization } = emulator;
    const [key] = organization.estate.stock('admin_api_key');
    if (key === undefined) throw new Error('there is no admin key');
    organization.estate.stock('admin_api_key').push({ ...key, id: 'key_new', name: 'new' });
    const at = Math.floor(clock.nowMs() / 1000);
    organization.append([
      { id: 'new', type: 'api_key.created', effective_at: at, 'api_key.created': { id: 'key_new' } },
    ]);
    await clock.advance(8 * MINUTE_MS);
    expect(told(collector, 'openai.inventory.admin_api_key.added')).toEqual(['key_new']);
    await collector.stop();
  });

  it('holds up no reading, where no projects are read and it is being read when that begins', async () => {
    const collector = await begun({}, { exclude: ['projects'] });
    const { clock, emulator } = collector;
    await clock.advance(48 * MINUTE_MS);
    emulator.addFaults([{ kind: 'status', status: 429, retryAfter: '240', route: ADMIN_KEYS }]);
    newKey(emulator);
    await clock.advance(2.5 * HOUR_MS);
    expect(told(collector, 'openai.inventory.snapshot').length).toBe(4);
    await collector.stop();
  });
});
