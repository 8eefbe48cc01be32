import type { Clock } from '../../src/clock.ts';
import type { ReceivedRecord } from '../../test/support/otlp-records.ts';
import type { OtlpServer, ReceivedRequest, ScriptedAnswer } from '../../test/support/otlp-server.ts';

/** What the backend does with a request: it stores what it says (by default all, unless it answers an error), then answers. */
interface Treatment extends ScriptedAnswer {
  readonly stores?: readonly ReceivedRecord[];
}

type Treat = (request: ReceivedRequest) => Treatment;

/** What the backend holds, whatever the collector came to know of it. */
export class Recorder {
  readonly #times = new Map<string, number>();
  readonly #storedAtMs = new Map<string, number>();
  #treat: Treat = () => ({});

  readonly #clock: Clock;

  /** `clock` tells when an event was stored. */
  constructor(server: OtlpServer, clock: Clock) {
    this.#clock = clock;
    server.answerWith(request => {
      const { stores, ...answer } = this.#treat(request);
      for (const record of stores ?? (isError(answer) ? [] : request.records)) this.#store(record);
      return answer;
    });
  }

  /** From the next request on. */
  treat(treat: Treat): void {
    this.#treat = treat;
  }

  /** How often each event was stored, by uid. */
  get stored(): ReadonlyMap<string, number> {
    return this.#times;
  }

  /** When an event was stored first, Unix milliseconds. */
  storedAtMs(uid: string): number | undefined {
    return this.#storedAtMs.get(uid);
  }

  #store(record: ReceivedRecord): void {
    if (!isEvent(record)) return;
    const { uid } = record;
    this.#times.set(uid, (this.#times.get(uid) ?? 0) + 1);
    if (!this.#storedAtMs.has(uid)) this.#storedAtMs.set(uid, this.#clock.nowMs());
  }
}

/** What the collector says of itself, and its probes, are none. */
export function isEvent({ eventName }: ReceivedRecord): boolean {
  return eventName.startsWith('openai.audit.');
}

function isError({ status = 200, how }: ScriptedAnswer): boolean {
  return status >= 300 || how !== undefined;
}
