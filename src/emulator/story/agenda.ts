import { SortedList } from '../sorted-list.ts';
import type { Act } from './act.ts';
import type { Actor } from './actor.ts';

/** Something that somebody will do. */
export interface Plan {
  readonly type: string;
  /** Unix seconds. */
  readonly atS: number;
  readonly actor: Actor;
  /** Instead of the type's own act. */
  readonly act?: Act;
  /** Id of what it is to be done to. */
  readonly target?: string;
  /** Does not happen when there is nothing to do it to, instead of making that first. */
  readonly unprepared?: boolean;
}

interface Numbered {
  readonly atS: number;
  readonly number: number;
}

/** What is going to happen, in the order of time; plans for the same second in the order they were made. */
export class Agenda {
  readonly #plans = new SortedList<Numbered, Plan & Numbered>((a, b) => a.atS - b.atS || a.number - b.number);
  #made = 0;

  /** How many plans were ever made. */
  get made(): number {
    return this.#made;
  }

  add(plan: Plan): void {
    this.#made += 1;
    this.#plans.add({ ...plan, number: this.#made });
  }

  /** When the next plan is due, Unix seconds. */
  nextS(): number {
    return this.#plans.first()?.atS ?? Number.POSITIVE_INFINITY;
  }

  take(): Plan | undefined {
    const plan = this.#plans.first();
    if (plan !== undefined) this.#plans.delete(plan);
    return plan;
  }
}
