import { createDice, type Dice } from '../../../src/emulator/random.ts';
import { MOMENTS } from '../life.ts';
import type { Violation } from '../trace.ts';
import { MORE, ONCE } from './faults.ts';
import { InventoryWorld } from './inventory-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TROUBLES = 25;
const INVENTORY_MOMENTS = [
  'before recordInventory',
  'after recordInventory',
  'before settleInventory',
  'after settleInventory',
] as const;

/** An organization lives on, the audit log tells of it, and the collector has a hard time; then calm. */
export async function playLives(seed: number, write?: (line: string) => void): Promise<readonly Violation[]> {
  const dice = createDice(`lives ${seed}`);
  const world = await InventoryWorld.open(`life ${seed}`, true, write);
  const { scheduler, api, judge, disk, backend } = world;
  const { organization } = api.emulator;
  const goOn = (ms: number) => scheduler.runUntil(scheduler.nowMs + ms);
  api.onAsked = () => judge.look();
  try {
    world.start();
    await goOn(dice.integer(0, 3) * MINUTE_MS);
    organization.setRate(dice.integer(1, 4));
    for (let left = TROUBLES; left > 0; left -= 1) {
      trouble(world, dice);
      await goOn(dice.integer(1, 90) * 1000);
    }
    organization.setRate(0);
    api.emulator.clearFaults();
    backend.calm = true;
    disk.calm = true;
    world.life?.dieAt(undefined);
    // What is read seldom is due after a day; nobody waits for it.
    await goOn(10 * MINUTE_MS);
    await world.stop();
    await goOn(25 * HOUR_MS);
    world.start();
    await goOn(2.2 * HOUR_MS);
    judge.judgeWhole('in the end');
    return world.trace.violations;
  } finally {
    await world.close();
  }
}

function trouble({ api, life, disk, backend }: InventoryWorld, dice: Dice): void {
  const { emulator } = api;
  const deed = dice.integer(0, 6);
  if (deed <= 1) emulator.addFaults([{ ...dice.pick([...ONCE, ...MORE]).what, skip: dice.integer(0, 20) }]);
  if (deed === 2) life?.dieAt(dice.pick([...MOMENTS, ...INVENTORY_MOMENTS]));
  if (deed === 3) life?.die();
  if (deed === 4) disk.fail(0.5, 20_000);
  if (deed === 5) backend.trouble({ kind: 'lost', share: 0.5 }, 30_000);
  if (deed === 6) backend.trouble({ kind: 'gone' }, 30_000);
}
