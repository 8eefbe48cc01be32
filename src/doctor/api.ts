import { type AdminClient, createAdminClient } from '../api/admin-client.ts';
import { ApiTime } from '../api/api-time.ts';
import { type AuditLogPage, listAuditLogs } from '../api/audit-log.ts';
import type { HttpAnswer } from '../api/http.ts';
import type { Limiter } from '../api/limiter.ts';
import { readListPage } from '../api/list-page.ts';
import type { OrganizationConfig } from '../config/config.ts';
import { CollectorError } from '../errors.ts';
import type { Family } from '../inventory/families.ts';
import type { Kind } from '../inventory/kind.ts';
import { KINDS } from '../inventory/kinds.ts';
import { listRequest } from '../inventory/request.ts';
import { retryAfterMs } from '../retry-after.ts';
import { fail, ok, type Result } from './check.ts';
import { once } from './once.ts';
import type { World } from './world.ts';

const TIMEOUT_MS = 4000;

type Stream = 'organization' | 'tenant';

/** What an API said to one request, or why it did not. */
type Said<T> = { readonly value: T } | { readonly error: CollectorError };

/** The API of one organization, each request sent at most once. */
export interface Api {
  readonly organization: OrganizationConfig;
  /** How many requests were sent, how many of them were too many (429), and how long it then wants to be left alone. */
  readonly requests: () => { readonly sent: number; readonly tooMany: number; readonly waitMs: number };
  /** The first answer of all, whatever it says. */
  readonly first: () => Promise<Said<unknown>>;
  /** The newest event of a stream. */
  readonly newest: (stream: Stream) => Promise<Said<AuditLogPage>>;
  /** The first thing of a list of a family; no value where the list belongs to projects and there is none. */
  readonly family: (family: Family) => Promise<Said<{ readonly id: string } | undefined>>;
  /** How far this machine's clock is ahead of the first answer's Date, in milliseconds; undefined without one. */
  readonly aheadMs: () => number | undefined;
}

export function openApi(organization: OrganizationConfig, world: World, signal: AbortSignal): Api {
  const { auditLogs, inventory } = organization;
  const requests = { sent: 0, tooMany: 0, waitMs: 0 };
  let aheadMs: number | undefined;
  const get: AdminClient['get'] = createAdminClient({
    baseUrl: organization.baseUrl,
    adminKey: organization.adminKey,
    allowPrivateAddress: organization.allowPrivateAddress,
    userAgent: `openai-audit-collector/${world.version}`,
    limiter: ONE_EACH,
    time: new ApiTime(world.clock),
    clock: world.clock,
    http: {
      ...world.http,
      get: async request => {
        requests.sent += 1;
        const answer = await world.http.get({ ...request, timeoutMs: TIMEOUT_MS });
        const nowMs = world.clock.nowMs();
        aheadMs ??= aheadOf(answer, nowMs);
        if (answer.status === 429) {
          requests.tooMany += 1;
          requests.waitMs = Math.max(
            requests.waitMs,
            retryAfterMs(answer.headers['retry-after'], nowMs, answer.headers.date) ?? 0,
          );
        }
        return answer;
      },
    },
  }).get;

  const newest = (stream: Stream) =>
    once(() => said(() => listAuditLogs({ get }, { stream, limit: 1, priority: 'gap' }, signal)));
  const streams = { organization: newest('organization'), tenant: newest('tenant') };
  const projects = once(() => said(() => firstOf(get, kindOf('projects'), {}, signal)));
  const family = (name: Family) =>
    once(async () => {
      const kind = kindOf(name);
      if (kind.parent === 'organization') return said(() => firstOf(get, kind, {}, signal));
      const project = await projects();
      if ('error' in project || project.value === undefined) return project;
      return said(() => firstOf(get, kind, { 'project.id': project.value?.id ?? '' }, signal));
    });
  const families = new Map<Family, ReturnType<typeof family>>();
  const familyOnce = (name: Family) => {
    const ask = families.get(name) ?? (name === 'projects' ? projects : family(name));
    families.set(name, ask);
    return ask();
  };
  return {
    organization,
    requests: () => requests,
    newest: stream => streams[stream](),
    family: familyOnce,
    first: () =>
      auditLogs.enabled || !inventory.enabled
        ? streams[auditLogs.streams[0] ?? 'organization']()
        : familyOnce('projects'),
    aheadMs: () => aheadMs,
  };
}

/** Whether what answers is the Admin API: any of its refusals will do. */
export async function checkAnswers(api: Api): Promise<Result> {
  const answer = await api.first();
  if ('value' in answer) return ok();
  const { status, code = 'api-failed', message } = answer.error;
  if (status === 400 || status === 401 || status === 403 || status === 429) return ok();
  return fail(code, message);
}

const NOTICEABLE_MS = 30_000;
const TOO_MUCH_MS = 300_000;

export async function checkClock(api: Api): Promise<Result> {
  await api.first();
  const aheadMs = api.aheadMs();
  if (aheadMs === undefined) return fail('api-no-date', 'its answer has no Date');
  const offMs = Math.abs(aheadMs);
  const says = `${Math.round(offMs / 1000)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} the API`;
  if (offMs < NOTICEABLE_MS) return ok(offMs < 2000 ? undefined : says);
  return { mark: offMs < TOO_MUCH_MS ? 'warn' : 'fail', code: 'clock-off', cause: `this machine is ${says}` };
}

/** Its Date has whole seconds. */
function aheadOf({ headers }: HttpAnswer, nowMs: number): number | undefined {
  const dateMs = Date.parse(headers.date ?? '');
  if (!Number.isFinite(dateMs)) return undefined;
  return nowMs < dateMs ? nowMs - dateMs : Math.max(0, nowMs - dateMs - 999);
}

/** A list of the whole organization where there is one, so that it costs one request. */
function kindOf(family: Family): Kind {
  const kinds = KINDS.filter(kind => kind.family === family);
  const kind =
    kinds.find(({ parent }) => parent === 'organization') ?? kinds.find(({ parent }) => parent === 'project');
  if (kind === undefined) throw new RangeError(`nothing is read for the family ${family}`);
  return kind;
}

async function firstOf(
  get: AdminClient['get'],
  kind: Kind,
  parent: Readonly<Record<string, string>>,
  signal: AbortSignal,
) {
  const request = listRequest(kind, parent, { priority: 'inventory', caller: 'doctor' });
  const limit: [string, string][] = kind.pages === 'single' ? [] : [['limit', '1']];
  const query = [...Object.entries(request.query), ...limit];
  const documents = await get({ ...request, query }, signal).catch(error => {
    if (kind.notSet === true && error instanceof CollectorError && error.status === 404) return undefined;
    throw error;
  });
  if (documents === undefined) return undefined;
  const [item] = readListPage(documents, request).items;
  return item === undefined ? undefined : { id: String(item[request.key] ?? '') };
}

async function said<T>(ask: () => Promise<T>): Promise<Said<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof CollectorError) return { error };
    throw error;
  }
}

/** A request of each kind fits into every limit that was ever seen. */
const ONE_EACH: Limiter = {
  acquire: async ({ route, priority, caller = '' }) => ({ route, priority, caller, grantedAtMs: 0, waited: false }),
  report: () => undefined,
  hasSpare: () => true,
  livePaceMs: () => undefined,
  learned: () => [],
  snapshot: () => '',
};
