import type { SetAside } from './verdicts.ts';

interface Owned {
  /** The event itself, where it was parsed when it was claimed. */
  readonly event: unknown;
  /** Resolves when it has its fate, or to the reason why it is set aside. Made when somebody waits. */
  fate: PromiseWithResolvers<SetAside | undefined> | undefined;
}

/** Events in flight that this process is bringing to a fate; who else meets one waits for it here. */
export class OwnedEvents {
  readonly #owned = new Map<string, Owned>();

  has(uid: string): boolean {
    return this.#owned.has(uid);
  }

  add(uid: string, event?: unknown): void {
    this.#owned.set(uid, { event, fate: undefined });
  }

  /** Undefined when nobody here owns it, or it was not parsed. */
  event(uid: string): unknown {
    return this.#owned.get(uid)?.event;
  }

  /** Undefined when nobody here owns it. */
  fate(uid: string): Promise<SetAside | undefined> | undefined {
    const owned = this.#owned.get(uid);
    if (owned === undefined) return undefined;
    if (owned.fate === undefined) {
      owned.fate = Promise.withResolvers();
      // Who waits for it sees the failure, and may have failed itself by then.
      owned.fate.promise.catch(() => undefined);
    }
    return owned.fate.promise;
  }

  settle(uid: string, aside: SetAside | undefined): void {
    this.#take(uid)?.fate?.resolve(aside);
  }

  /** It is nobody's again: whoever meets it next brings it to a fate. */
  fail(uid: string, error: unknown): void {
    this.#take(uid)?.fate?.reject(error);
  }

  #take(uid: string): Owned | undefined {
    const owned = this.#owned.get(uid);
    this.#owned.delete(uid);
    return owned;
  }
}
