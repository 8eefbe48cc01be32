import { ApiError } from './api-error.ts';
import { damageBody, damageMessage, damageQuery, errorOf } from './damage.ts';
import type { Fault } from './fault.ts';
import { FaultScript } from './fault-script.ts';
import { Keys } from './keys.ts';
import type { Organization } from './organization.ts';
import { createDice } from './random.ts';
import { RateLimits } from './rate-limits.ts';
import type { EmulatedRequest, Message, Reply } from './reply.ts';
import { RequestLog } from './request-log.ts';
import { type Found, findRoute } from './routes.ts';
import type { Settings } from './settings.ts';

export const BASE_PATH = '/v1';

/** What a request asks for: a route, or the error that says why not. `query` has no question mark. */
type Asked = { readonly query: string } & (Found | { readonly route: undefined; readonly error: ApiError });

/** A message and how many events were looked at for it. */
interface Worked {
  readonly message: Message;
  readonly visited: number;
}

/** The API over an organization: routes, keys, limits, and what goes wrong with them. */
export class Api {
  readonly keys = new Keys();
  readonly limits = new RateLimits();
  readonly faults = new FaultScript();
  readonly requests = new RequestLog();
  readonly #organization: Organization;
  readonly #settings: Readonly<Settings>;
  readonly #dice = createDice('replies');

  constructor(organization: Organization, settings: Readonly<Settings>) {
    this.#organization = organization;
    this.#settings = settings;
  }

  /** Never throws for what a request is like. */
  answer(request: EmulatedRequest): Reply {
    const { clock } = this.#organization;
    this.#organization.advance();
    const asked = parseTarget(request);
    const fault = asked.route && this.faults.take(asked.route.template, asked.query, clock.monotonicMs());
    const { reply, visited } = this.#reply(request, asked, fault);
    this.requests.add({
      atMs: clock.nowMs(),
      method: request.method,
      target: request.target,
      route: asked.route?.template ?? 'none',
      status: 'status' in reply ? reply.status : 0,
      ...(fault && { fault: fault.kind }),
      visited,
    });
    return reply;
  }

  #reply(
    request: EmulatedRequest,
    asked: Asked,
    fault: Fault | undefined,
  ): { readonly reply: Reply; readonly visited: number } {
    const { latencyMs, jitterMs } = this.#settings;
    const delayMs = latencyMs + this.#dice.next() * jitterMs + (fault?.delayMs ?? 0);
    if (fault?.kind === 'hang') return { reply: { kind: 'hang' }, visited: 0 };
    if (fault?.kind === 'reset') return { reply: { kind: 'reset', delayMs }, visited: 0 };
    const { message, visited } = this.#message(request, asked, fault);
    if (fault?.kind !== 'truncated') return { reply: { kind: 'answer', delayMs, ...message }, visited };
    const bytes = fault.bytes ?? Math.floor(Buffer.byteLength(message.body) / 2);
    return { reply: { kind: 'truncated', delayMs, bytes, ...message }, visited };
  }

  #message(request: EmulatedRequest, asked: Asked, fault: Fault | undefined): Worked {
    if (fault?.kind === 'status') return { message: this.#faultyStatus(fault), visited: 0 };
    try {
      if (asked.route === undefined) throw asked.error;
      this.keys.check(request.headers.authorization, asked.route.scope);
      this.#checkPlan(asked.route.family);
      const verdict = this.limits.take(asked.route.template, this.#organization.clock.monotonicMs());
      if (!verdict.allowed) return { message: this.#tooMany(verdict.retryAfterS), visited: 0 };
      const { body, visited } = this.#list(asked, fault);
      return { message: damageMessage({ status: 200, headers: this.#headers(), body }, fault), visited };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { message: { status: error.status, headers: this.#headers(), body: error.body }, visited: 0 };
    }
  }

  #list(
    { route, path, ids, query }: Found & Pick<Asked, 'query'>,
    fault: Fault | undefined,
  ): { readonly body: string; readonly visited: number } {
    const moved = fault?.kind === 'moved_items' ? (fault.by ?? 1) : 0;
    const context = { path, ids, moved, organization: this.#organization, settings: this.#settings };
    const actedOn = damageQuery(query, fault);
    const { body, visited = 0 } = route.answer({ ...context, query: actedOn });
    const next = (after: string) => route.answer({ ...context, query: withCursor(actedOn, after) }).body;
    return { body: damageBody(body, fault, new URLSearchParams(query).get('after'), next), visited };
  }

  #checkPlan(family: string): void {
    const { missingFamilies, missingStatus } = this.#settings;
    if (!missingFamilies.includes(family)) return;
    throw new ApiError(missingStatus, `Your organization's plan does not include ${family.replaceAll('_', ' ')}.`);
  }

  #faultyStatus(fault: Fault & { readonly kind: 'status' }): Message {
    const { status, body, retryAfter, headers } = fault;
    const named = { ...(retryAfter !== undefined && { 'retry-after': retryAfter }), ...headers };
    return { status, headers: { ...this.#headers(), ...named }, body: body ?? errorOf(status).body };
  }

  #tooMany(retryAfterS: number | undefined): Message {
    const wait = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
    return { status: 429, headers: { ...this.#headers(), ...wait }, body: errorOf(429).body };
  }

  #headers(): Record<string, string> {
    return {
      'content-type': 'application/json',
      date: new Date(this.#organization.clock.nowMs()).toUTCString(),
      'openai-version': '2020-10-01',
      'x-request-id': `req_${this.#dice.hex(32)}`,
    };
  }
}

function parseTarget({ method, target }: EmulatedRequest): Asked {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  try {
    if (!path.startsWith(`${BASE_PATH}/`)) throw new ApiError(404, `Invalid URL (${method} ${path})`);
    return { query, ...findRoute(method, path.slice(BASE_PATH.length)) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { query, route: undefined, error };
  }
}

function withCursor(query: string, after: string): string {
  const parameters = new URLSearchParams(query);
  parameters.delete('before');
  parameters.set('after', after);
  return parameters.toString();
}
