import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../src/api/http.ts';
import type { AuditEvent, Stream } from '../../src/emulator/audit-event.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { createDice, type Dice } from '../../src/emulator/random.ts';
import type { Reply } from '../../src/emulator/reply.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Events, History } from './history.ts';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** An event that the API listed, and when. */
export interface Seen {
  readonly uid: string;
  readonly type: string;
  readonly stream: Stream;
  /** Unix seconds. */
  readonly effectiveAt: number;
  readonly event: AuditEvent;
  /** Simulated milliseconds. */
  readonly visibleAtMs: number;
  /** The highest time that the API's clock had ever shown by then, in Unix seconds. */
  readonly apiHighS: number;
  /** When its stream was last asked for its second before it was visible, as API time; undefined: never. */
  readonly readBeforeS: number | undefined;
  withdrawnAtMs: number | undefined;
}

interface AskedSpan {
  readonly stream: Stream;
  readonly gte: number;
  readonly lte: number;
  readonly apiS: number;
}

export const API_KEY = DEMO_KEY;
/** The API's time at the beginning of every history. */
export const EPOCH_MS = Date.UTC(2026, 2, 1, 12);

const TYPES = ['login.succeeded', 'login.failed', 'api_key.created', 'user.added', 'project.updated', 'novel.thing'];
const TENANT_TYPES = ['tenant.user.added', 'tenant.policy.updated'];

/** The emulated organization on simulated time: what it lists, and the way to it. */
export class SimulatedApi {
  readonly emulator: Emulator;
  readonly seen: Seen[] = [];
  /** Simulated times of all requests. */
  readonly requestsMs: number[] = [];
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #dice: Dice;
  readonly #eventDice: Dice;
  readonly #asked: AskedSpan[] = [];
  #highS = 0;

  constructor(history: History, scheduler: Scheduler, trace: Trace) {
    this.#history = history;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#dice = createDice(`${history.seed} network`);
    this.#eventDice = createDice(`${history.seed} events`);
    const { order, tenantInBoth, vanishedCursor } = history.api;
    const base = {
      nowMs: () => scheduler.nowMs,
      monotonicMs: () => scheduler.nowMs,
      sleep: () => Promise.reject(new Error('the emulator does not sleep')),
    };
    this.emulator = createEmulator({
      content: { kind: 'events', events: [] },
      clock: base,
      startMs: EPOCH_MS,
      settings: { order, tenantInBoth, vanishedCursor },
    });
  }

  /** The API's time, Unix seconds. */
  get nowS(): number {
    return this.emulator.organization.clock.nowMs() / 1000;
  }

  /** The highest time that its clock ever showed, Unix seconds. */
  get highS(): number {
    this.#highS = Math.max(this.#highS, this.nowS);
    return this.#highS;
  }

  /** Lets events become visible, each at its time. */
  plan(group: Events, atMs: number): void {
    for (let number = 0; number < group.count; number += 1) {
      const visibleAtMs = atMs + (group.overS === 0 ? 0 : this.#eventDice.next() * group.overS * 1000);
      const backS = group.lateS + this.#eventDice.next() * group.spanS;
      const tenant = this.#eventDice.chance(group.tenant);
      this.#scheduler.at(visibleAtMs, () => this.list(Math.floor(this.nowS - backS), tenant));
    }
  }

  /** Lists an event from now on. */
  list(effectiveAt: number, tenant: boolean): void {
    const dice = this.#eventDice;
    const type = dice.pick(tenant ? TENANT_TYPES : TYPES);
    const event = makeEvent(dice, type, effectiveAt);
    this.emulator.organization.append([event]);
    const stream = tenant ? 'tenant' : 'organization';
    this.seen.push({
      uid: uidOf(event),
      type,
      stream,
      effectiveAt,
      event,
      visibleAtMs: this.#scheduler.nowMs,
      apiHighS: this.highS,
      readBeforeS: this.#readBefore(stream, effectiveAt),
      withdrawnAtMs: undefined,
    });
  }

  /** Takes the newest events out of the listing, but no more than a third of all: the others show whose they are. */
  withdraw(count: number): void {
    for (const seen of this.seen.slice(-Math.min(count, Math.ceil(this.seen.length / 3)))) {
      const [id] = this.emulator.organization.vanish([String(seen.event.id)]);
      if (id !== undefined) seen.withdrawnAtMs = this.#scheduler.nowMs;
    }
  }

  jump(byS: number): void {
    this.#highS = this.highS;
    this.emulator.organization.jump(byS * 1000);
  }

  clientFor(life: Life): HttpClient {
    return { get: request => this.#get(life, request), close: async () => {} };
  }

  #get(life: Life, request: HttpRequest): Promise<HttpAnswer> {
    const { signal, timeoutMs } = request;
    return life.call<HttpAnswer>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      this.requestsMs.push(this.#scheduler.nowMs);
      const oneWayMs = 1 + (this.#dice.next() * this.#history.api.latencyMs) / 2;
      const jobs = [
        life.later(timeoutMs, () => end(() => reject(noAnswer(timeoutMs)))),
        life.later(oneWayMs, () => {
          const reply = this.#handle(life, request);
          if (reply.kind === 'hang') return;
          const answer = () => end(() => this.#answer(life, request, reply, resolve, reject));
          jobs.push(life.later(oneWayMs + reply.delayMs, answer));
        }),
      ];
      const onAbort = () => end(() => reject(signal.reason));
      const end = (how: () => void) => {
        for (const job of jobs) job.cancelled = true;
        signal.removeEventListener('abort', onAbort);
        how();
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #handle(life: Life, { url, headers }: HttpRequest): Reply {
    const { pathname, search, searchParams } = new URL(url);
    const reply = this.emulator.handle({ method: 'GET', target: `${pathname}${search}`, headers });
    const status = 'status' in reply ? reply.status : 0;
    this.#trace.note(
      `#${life.number} GET ${search} ${reply.kind} ${status} ${'body' in reply ? reply.body.length : ''}`,
    );
    if (status === 200) {
      this.#asked.push({
        stream: searchParams.has('tenant_only') ? 'tenant' : 'organization',
        gte: Number(searchParams.get('effective_at[gte]') ?? Number.NEGATIVE_INFINITY),
        lte: Number(searchParams.get('effective_at[lte]') ?? Number.POSITIVE_INFINITY),
        apiS: this.nowS,
      });
    }
    return reply;
  }

  #answer(
    life: Life,
    { maxBytes }: HttpRequest,
    reply: Exclude<Reply, { kind: 'hang' }>,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: unknown) => void,
  ): void {
    if (!life.survives('before answer')) return;
    const failure = failureOf(reply, maxBytes);
    if (failure !== undefined) reject(failure);
    else if (reply.kind === 'answer') resolve({ status: reply.status, headers: reply.headers, body: reply.body });
  }

  #readBefore(stream: Stream, second: number): number | undefined {
    const asks = (asked: AskedSpan) => asked.stream === stream && asked.gte <= second && second <= asked.lte;
    return this.#asked.findLast(asks)?.apiS;
  }
}

function makeEvent(dice: Dice, type: string, effectiveAt: number): AuditEvent {
  const number = dice.integer(0, 99);
  return {
    ...(dice.chance(0.98) && { id: `audit_log-${dice.alphanumerics(24)}` }),
    object: 'organization.audit_log',
    type,
    effective_at: effectiveAt,
    actor: { type: 'session', session: { ip_address: `192.0.2.${number}`, user: { id: `user-${number}` } } },
    [type]: dice.chance(0.2) ? null : { id: `thing_${dice.hex(8)}`, tags: ['a', 'ü', '\u0000'], deep: { number } },
  };
}

/** The id, or else the digest of the JSON text. */
function uidOf(event: AuditEvent): string {
  if (typeof event.id === 'string') return event.id;
  return `sha256:${createHash('sha256').update(JSON.stringify(event)).digest('hex')}`;
}

/** What the HTTP client throws for this reply, if anything. */
function failureOf(reply: Reply, maxBytes: number): CollectorError | undefined {
  if (reply.kind === 'reset') return new CollectorError('retryable', 'read ECONNRESET');
  if (reply.kind === 'truncated') return new CollectorError('retryable', 'other side closed');
  if (reply.kind === 'hang' || reply.body.length <= maxBytes) return undefined;
  return new CollectorError('malformed', `the answer is larger than ${maxBytes} bytes`);
}

function noAnswer(timeoutMs: number): CollectorError {
  return new CollectorError('retryable', `no complete answer within ${timeoutMs / 1000} s`);
}
