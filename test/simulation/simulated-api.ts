import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../src/api/http.ts';
import type { AuditEvent, Stream } from '../../src/emulator/audit-event.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { createDice, type Dice } from '../../src/emulator/random.ts';
import type { Reply } from '../../src/emulator/reply.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Events, History } from './history.ts';
import type { Life } from './life.ts';
import { RequestJudge } from './request-judge.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulatedEstate } from './simulated-estate.ts';
import type { Trace } from './trace.ts';

/** An event that the API listed, and when. */
export interface Seen {
  /** Its id, or else the digest of its text. Another event may have the same: see {@link isTwin}. */
  readonly uid: string;
  readonly type: string;
  readonly stream: Stream;
  /** Unix seconds. */
  readonly effectiveAt: number;
  /** It has no time of its own: its place in the listing is here, but nobody can know. */
  readonly timeless: boolean;
  readonly event: AuditEvent;
  /** Simulated milliseconds. */
  readonly visibleAtMs: number;
  /** The highest time that the API's clock had ever shown by then, in Unix seconds. */
  readonly apiHighS: number;
  /** The latest API time at which its second was asked for before it was visible; undefined: never. */
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
/** Behind the id of an event that has another one's, where the API itself must tell them apart. */
const TWIN = '~2';
const LONGEST_PAUSE_S = 3600;
/** Of the newest known ids some must stay listed, or nobody can tell whose listing it is. */
const STAY = 3;

/** The emulated organization on simulated time: what it lists, and the way to it. */
export class SimulatedApi {
  /** Of the organization in the configuration. */
  readonly name: string;
  readonly emulator: Emulator;
  /** Absent where only events are collected. */
  readonly estate: SimulatedEstate | undefined;
  readonly seen: Seen[] = [];
  /** Ids that came with two types. */
  readonly twins = new Set<string>();
  /** Simulated times of all requests for events. */
  readonly requestsMs: number[] = [];
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  /** By route: routes do not share their limits. */
  readonly #judges = new Map<string, RequestJudge>();
  readonly #dice: Dice;
  readonly #eventDice: Dice;
  readonly #asked: AskedSpan[] = [];
  #highS = 0;
  /** Until when a process may leave this API alone: it asks hourly whether a longer Retry-After still holds. */
  pausedUntilMs = 0;
  /** Hears which events a process was told of. */
  onListed: ((life: Life, texts: ReadonlyMap<string, number>) => void) | undefined;

  constructor(name: string, history: History, scheduler: Scheduler, trace: Trace) {
    this.name = name;
    this.#history = history;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#dice = createDice(`${history.seed} network of ${name}`);
    this.#eventDice = createDice(`${history.seed} events of ${name}`);
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
    const { inventory } = history;
    const dice = createDice(`${history.seed} estate of ${name}`);
    this.estate =
      inventory === undefined ? undefined : new SimulatedEstate(this.emulator.organization, dice, inventory);
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

  /** Whether a stream lists what belongs to another one too. */
  lists(stream: Stream, seen: Seen): boolean {
    return seen.stream === stream || (stream === 'organization' && this.#history.api.tenantInBoth);
  }

  /** Lets events become visible, each at its time. */
  plan(group: Events, atMs: number): void {
    for (let number = 0; number < group.count; number += 1) {
      const visibleAtMs = atMs + (group.overS === 0 ? 0 : this.#eventDice.next() * group.overS * 1000);
      const backS = group.lateS + this.#eventDice.next() * group.spanS;
      const tenant = this.#eventDice.chance(group.tenant);
      this.#scheduler.at(visibleAtMs, () => this.list(Math.floor(this.nowS - backS), tenant, group.padding));
    }
  }

  /** Lists an event from now on. */
  list(effectiveAt: number, tenant: boolean, padding = 0): void {
    const dice = this.#eventDice;
    const { twins, timeless } = this.#history.api;
    const type = dice.pick(tenant ? TENANT_TYPES : TYPES);
    const twin = twins > 0 && dice.chance(twins) && this.seen.length > 0 ? dice.pick(this.seen) : undefined;
    const isTwin = twin !== undefined && this.#mayBeTwin(twin, type);
    const hasNoTime = timeless > 0 && dice.chance(timeless);
    const event = {
      ...makeEvent(dice, type, effectiveAt),
      ...(isTwin ? { id: twin.uid } : {}),
      ...(hasNoTime ? { effective_at: dice.pick([null, 'soon', -1]) } : {}),
      ...(padding === 0 ? {} : { padding: incompressible(`${this.seen.length}`, padding) }),
    };
    const uid = uidOf(event);
    if (isTwin) this.twins.add(uid);
    const { organization } = this.emulator;
    // The API's own cursors are not ambiguous, whatever its ids are.
    const id = isTwin ? `${uid}${TWIN}` : uid;
    if (hasNoTime || isTwin) organization.events.add({ id, type, effectiveAt, content: () => event });
    else organization.append([event]);
    const stream = tenant ? 'tenant' : 'organization';
    this.seen.push({
      uid,
      type,
      stream,
      effectiveAt,
      timeless: hasNoTime,
      event,
      visibleAtMs: this.#scheduler.nowMs,
      apiHighS: this.highS,
      readBeforeS: this.#readBefore(stream, effectiveAt),
      withdrawnAtMs: undefined,
    });
  }

  /** The machine of who reads sleeps, and its clock stands still: what is left of a pause is left when it wakes. */
  asleep(ms: number): void {
    if (this.pausedUntilMs > this.#scheduler.nowMs) this.pausedUntilMs += ms;
  }

  /** An id stands for two events at most, of different types. */
  #mayBeTwin({ uid, type, event, withdrawnAtMs }: Seen, otherType: string): boolean {
    return type !== otherType && typeof event.id === 'string' && withdrawnAtMs === undefined && !this.twins.has(uid);
  }

  /**
   * Takes some of the newest events out of the listing, but never all that the collector knows of a stream: these show
   * whose they are.
   */
  withdraw(count: number, isKnown: (seen: Seen) => boolean): void {
    const listed = this.seen.filter(({ withdrawnAtMs }) => withdrawnAtMs === undefined);
    const known = listed.filter(isKnown);
    const streams = [known, known.filter(({ stream }) => stream === 'tenant')];
    const stay = new Set([listed, ...streams].flatMap(events => events.slice(-STAY)));
    const newest = listed.slice(-Math.ceil(count * 1.5)).filter(seen => !stay.has(seen));
    for (const seen of newest) {
      if (this.#eventDice.chance(1 / 3)) continue;
      const gone = this.emulator.organization.vanish([seen.uid, `${seen.uid}${TWIN}`]);
      if (gone.length === 0) continue;
      for (const same of this.seen) if (same.uid === seen.uid) same.withdrawnAtMs = this.#scheduler.nowMs;
    }
  }

  jump(byS: number): void {
    this.#highS = this.highS;
    this.emulator.organization.jump(byS * 1000);
  }

  get(life: Life, request: HttpRequest): Promise<HttpAnswer> {
    const { signal, timeoutMs } = request;
    return life.call<HttpAnswer>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const { pathname } = new URL(request.url);
      if (isForEvents(pathname)) this.requestsMs.push(this.#scheduler.nowMs);
      const judged = this.#judgeOf(pathname).sent(life);
      const oneWayMs = 1 + (this.#dice.next() * this.#history.api.latencyMs) / 2;
      const jobs = [
        life.later(timeoutMs, () => end(() => reject(noAnswer(timeoutMs)))),
        life.later(oneWayMs, () => {
          const reply = this.#handle(life, request);
          if (reply.kind === 'hang') return;
          const answer = () => end(() => this.#answer(life, request, reply, judged, resolve, reject));
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
      `#${life.number} GET ${isForEvents(pathname) ? '' : pathname}${search} ${reply.kind} ${status} ${'body' in reply ? reply.body.length : ''}`,
    );
    if (status === 200 && isForEvents(pathname)) {
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
    { maxBytes, url }: HttpRequest,
    reply: Exclude<Reply, { kind: 'hang' }>,
    judged: ReturnType<RequestJudge['sent']>,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: unknown) => void,
  ): void {
    if (!life.survives('before answer')) return;
    const failure = failureOf(reply, maxBytes);
    if (failure === undefined && reply.kind === 'answer') {
      judged.answered(reply.status, reply.headers['retry-after']);
      if (reply.status === 429 && isForEvents(new URL(url).pathname)) this.#pause(reply.headers['retry-after']);
      if (this.onListed !== undefined && reply.status === 200 && isForEvents(new URL(url).pathname))
        this.onListed(life, sizesOf(reply.body));
      resolve({ status: reply.status, headers: reply.headers, body: reply.body });
    } else {
      reject(failure);
    }
  }

  #pause(retryAfter = '0'): void {
    const pauseS = Math.min(Number(retryAfter), LONGEST_PAUSE_S);
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.#scheduler.nowMs + pauseS * 1000);
  }

  #judgeOf(pathname: string): RequestJudge {
    const route = pathname.replaceAll(ID_IN_PATH, '$1/{}');
    const judge = this.#judges.get(route) ?? new RequestJudge(this.#scheduler, this.#trace);
    this.#judges.set(route, judge);
    return judge;
  }

  #readBefore(stream: Stream, second: number): number | undefined {
    const { tenantInBoth } = this.#history.api;
    const lists = (asked: AskedSpan) => asked.stream === stream || (tenantInBoth && asked.stream === 'organization');
    const asks = (asked: AskedSpan) => lists(asked) && asked.gte <= second && second <= asked.lte;
    // After the API's clock was set back the last time is not the latest.
    let latestS: number | undefined;
    for (const asked of this.#asked) if (asked.apiS > (latestS ?? -1) && asks(asked)) latestS = asked.apiS;
    return latestS;
  }
}

/** What follows these in a path is an id. */
const ID_IN_PATH = /(users|projects|groups|workload_identity_providers)\/[^/]+/g;

function isForEvents(pathname: string): boolean {
  return pathname.endsWith('/audit_logs');
}

/** One HTTP client for all organizations: each has a host of its own. */
export function clientFor(life: Life, apis: readonly SimulatedApi[]): HttpClient {
  return {
    get: async request => {
      const name = new URL(request.url).hostname.split('.')[0];
      const api = apis.find(each => each.name === name);
      if (api === undefined) throw new Error(`nobody is ${request.url}`);
      return api.get(life, request);
    },
    close: async () => {},
  };
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

function incompressible(seed: string, characters: number): string {
  return createHash('shake256', { outputLength: Math.ceil((characters * 3) / 4) })
    .update(seed)
    .digest('base64');
}

/** The id, or else the digest of the JSON text. */
function uidOf(event: AuditEvent): string {
  if (typeof event.id === 'string') return event.id;
  return `sha256:${createHash('sha256').update(JSON.stringify(event)).digest('hex')}`;
}

/** The sizes of what a body lists, by id; a damaged one may have two pages in a row, or none. */
function sizesOf(body: string): ReadonlyMap<string, number> {
  const pages = body.split(/(?<=\})(?=\{"object":"list")/);
  return new Map(pages.flatMap(eventsOf).map(event => [uidOf(event), JSON.stringify(event).length]));
}

function eventsOf(page: string): readonly AuditEvent[] {
  try {
    return JSON.parse(page).data ?? [];
  } catch {
    return [];
  }
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
