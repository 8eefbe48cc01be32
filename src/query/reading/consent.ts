import { ExitError } from '../../errors.ts';

/** What needs more requests is asked about first: at ten a minute it takes ten minutes. */
export const MANY = 100;

/** Adds up what a query is going to need, and lets a person decide where that is much. */
export class Consent {
  readonly #ask: (requests: number) => Promise<boolean>;
  #planned = 0;
  #isGiven = false;

  /** `ask` resolves to whether so many requests are meant. */
  constructor(ask: (requests: number) => Promise<boolean>) {
    this.#ask = ask;
  }

  /** @throws ExitError query-long when nobody agrees. */
  async need(requests: number): Promise<void> {
    this.#planned += requests;
    if (this.#isGiven || this.#planned <= MANY) return;
    this.#isGiven = await this.#ask(this.#planned);
    if (this.#isGiven) return;
    throw new ExitError(
      'query-long',
      `The query needs about ${this.#planned.toLocaleString('en-US')} requests. ` +
        "Narrow it by time (effective_at > unixepoch('now', '-7 days')), type, actor or project, or say --yes.",
    );
  }
}
