import { EVENT_TYPES } from '../catalogue.ts';
import type { Dice } from '../random.ts';

/** These come with every visit, or only after something else. */
const NOT_DRAWN = new Set(['login.succeeded', 'logout.succeeded']);

/** What comes up seldom, in turn: every type comes once before any comes twice. */
export interface Deck {
  draw(): string;
}

export function createDeck(dice: Dice): Deck {
  const types = EVENT_TYPES.filter(type => !NOT_DRAWN.has(type));
  let left: string[] = [];
  return {
    draw() {
      if (left.length === 0) left = dice.shuffled(types);
      return left.pop() ?? dice.pick(types);
    },
  };
}
