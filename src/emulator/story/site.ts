import type { Dice } from '../random.ts';
import type { World } from './world.ts';

/** How much there is when the story begins; what is not given is as in a small company. */
export interface Size {
  /** Active ones; for every ten there is an archived one besides. */
  readonly projects?: number;
  readonly users?: number;
  readonly groups?: number;
  /** Most members of a project. */
  readonly membersPerProject?: number;
}

/** An organization that is being furnished. */
export interface Site {
  readonly world: World;
  readonly dice: Dice;
  /** When its story begins, Unix seconds. */
  readonly startS: number;
  readonly size: Size;
}

export const DAY_S = 86_400;

/** What every new thing has. */
export function thing(site: Site, prefix: string, name: string): { id: string; name: string; createdAt: number } {
  return { id: prefix + site.dice.alphanumerics(16), name, createdAt: past(site) };
}

/** Some moment before the story, Unix seconds. */
export function past({ dice, startS }: Site): number {
  return startS - dice.integer(2, 300) * DAY_S;
}

/** So many of the things, each once; fewer where there are not so many. */
export function some<T>({ dice }: Site, things: readonly T[], least: number, most: number): T[] {
  const count = Math.min(things.length, dice.integer(least, most));
  const picked = new Set<T>();
  while (picked.size < count) picked.add(dice.pick(things));
  return [...picked];
}
