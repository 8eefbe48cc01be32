import type { HttpAnswer, HttpClient, HttpRequest } from '../../../src/api/http.ts';
import { createEmulator, type Emulator } from '../../../src/emulator/emulator.ts';
import type { Reply } from '../../../src/emulator/reply.ts';
import { CollectorError } from '../../../src/errors.ts';
import type { Life } from '../life.ts';
import type { Scheduler } from '../scheduler.ts';
import { EPOCH_MS } from '../simulated-api.ts';
import type { Trace } from '../trace.ts';
import type { FaultAt } from './history.ts';

const ONE_WAY_MS = 10;
/** The API gives no more at once, whatever is asked: so that small organizations have lists of several pages. */
const PAGE_SIZE = 2;
const LARGE_PAGE_SIZE = 5;
const HOUR_MS = 3_600_000;
/** Every list has something, and each is read for two things at least; a story begins with more. */
const PROJECTS = 2;
const SETTING = /\/(spend_limit|data_retention|\w+_permissions|service_tier_settings)$/;
const USERS = 5;

/** The emulated organization on simulated time, with things in it, and the way to it. */
export class InventoryApi {
  readonly emulator: Emulator;
  readonly #trace: Trace;
  #fault: FaultAt | undefined;
  #victim: { readonly path: string; left: number } | undefined;
  /** Paths under which there was something. */
  readonly #found = new Set<string>();
  /** The same, before the reading in which something goes wrong. */
  #foundBefore: ReadonlySet<string> = new Set();
  /** Requests so far, and those without an answer. */
  sent = 0;
  underWay = 0;
  #planned = 0;
  /** Hears that somebody looks. */
  onAsked: (() => void) | undefined;

  constructor(seed: string, scheduler: Scheduler, trace: Trace) {
    this.#trace = trace;
    this.emulator = createEmulator({
      content: { kind: 'story', seed, historyMs: HOUR_MS, size: { groups: 1 } },
      clock: {
        nowMs: () => scheduler.nowMs,
        monotonicMs: () => scheduler.nowMs,
        sleep: () => Promise.reject(new Error('the emulator does not sleep')),
      },
      startMs: EPOCH_MS,
    });
    reduce(this.emulator);
  }

  /** What befalls requests from now on, counted from now on. */
  plan(fault: FaultAt | undefined): void {
    this.#fault = fault;
    this.#planned = this.sent;
    this.#foundBefore = new Set(this.#found);
    this.#victim = undefined;
  }

  clientFor(life: Life): HttpClient {
    return { get: request => this.#get(life, request), close: async () => {} };
  }

  #get(life: Life, request: HttpRequest): Promise<HttpAnswer> {
    const { signal, timeoutMs } = request;
    return life.call<HttpAnswer>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      this.sent += 1;
      const number = this.sent - this.#planned;
      this.underWay += 1;
      const jobs = [
        life.later(timeoutMs, () => end(() => reject(new CollectorError('retryable', 'no answer in time')))),
        life.later(ONE_WAY_MS, () => {
          const reply = this.#handle(life, number, request);
          if (reply.kind === 'hang') return;
          const answer = () => life.survives('before answer') && end(() => tell(reply, resolve, reject));
          jobs.push(life.later(ONE_WAY_MS + reply.delayMs, answer));
        }),
      ];
      const onAbort = () => end(() => reject(signal.reason));
      const end = (how: () => void) => {
        for (const job of jobs) job.cancelled = true;
        signal.removeEventListener('abort', onAbort);
        this.underWay -= 1;
        how();
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #handle(life: Life, number: number, { url, headers }: HttpRequest): Reply {
    const { pathname, search } = new URL(url);
    this.onAsked?.();
    this.#befall(life, number, pathname);
    const limit = search.includes('limit=1000') ? LARGE_PAGE_SIZE : PAGE_SIZE;
    const target = pathname + search.replace(/limit=\d+/, `limit=${limit}`);
    const reply = this.emulator.handle({ method: 'GET', target, headers });
    const status = 'status' in reply ? reply.status : 0;
    if (status === 200) this.#found.add(pathname);
    this.#trace.note(`#${life.number} GET ${target} ${reply.kind} ${status}`);
    return reply;
  }

  #befall(life: Life, number: number, path: string): void {
    const fault = this.#fault;
    if (fault === undefined) return;
    if (number === fault.at && !this.#isAnswer(fault, path)) {
      this.#victim = { path, left: fault.times };
      this.#trace.note(`#${life.number} ${fault.what.kind} befalls ${path}`);
    }
    const victim = this.#victim;
    if (victim === undefined || victim.path !== path || victim.left === 0) return;
    victim.left -= 1;
    this.emulator.addFaults([fault.what]);
  }

  /**
   * Whether nobody can tell it from the truth: a false 404 before a setting was ever found from the one that says that
   * nobody set it; an item that was passed over before its list was ever read from one that came later.
   */
  #isAnswer({ what }: FaultAt, path: string): boolean {
    if (what.kind === 'moved_items') return (what.by ?? 1) > 0 && !this.#foundBefore.has(path);
    return what.kind === 'status' && what.status === 404 && SETTING.test(path) && !this.#found.has(path);
  }
}

/** Each request is a life to be played: nothing is there that another thing of its kind does as well. */
function reduce({ organization }: Emulator): void {
  const { projects, users } = organization.estate;
  const active = projects.filter(({ archivedAt }) => archivedAt === null);
  for (const { id } of active.slice(PROJECTS)) organization.act('project.deleted', id);
  for (const { id } of users.slice(USERS)) organization.act('user.deleted', id);
}

/** What the HTTP client makes of a reply. */
function tell(
  reply: Exclude<Reply, { kind: 'hang' }>,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: unknown) => void,
): void {
  if (reply.kind === 'reset') reject(new CollectorError('retryable', 'read ECONNRESET'));
  else if (reply.kind === 'truncated') reject(new CollectorError('retryable', 'other side closed'));
  else resolve({ status: reply.status, headers: reply.headers, body: reply.body });
}
