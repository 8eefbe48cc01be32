import type { Clock } from '../clock.ts';
import { CollectorError, type ProblemCode } from '../errors.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { ApiTime } from './api-time.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { parseDocuments } from './json-documents.ts';
import type { Limiter, Priority } from './limiter.ts';

/** The largest page seen is below 1 MiB; the API's own Terraform client stops at 32 MiB. */
const MOST_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

interface AdminRequest {
  /** Below the base URL: `/organization/audit_logs`. */
  readonly path: string;
  /** The path with placeholders, by which limits are kept: `/organization/projects/{project_id}/users`. */
  readonly route: string;
  readonly query: readonly [name: string, value: string][];
  readonly priority: Priority;
  /** Who takes turns with others of the same priority: the stream. */
  readonly caller: string;
}

/** Reads the Admin API of one organization. */
export interface AdminClient {
  /** The JSON documents of a 200's body (one, or two in a row). Throws CollectorError; its message holds no key. */
  get(request: AdminRequest, signal: AbortSignal): Promise<readonly unknown[]>;
}

export interface AdminClientSettings {
  readonly baseUrl: string;
  readonly adminKey: string;
  readonly allowPrivateAddress: boolean;
  readonly userAgent: string;
  readonly http: HttpClient;
  readonly limiter: Limiter;
  readonly time: ApiTime;
  readonly clock: Clock;
}

export function createAdminClient(settings: AdminClientSettings): AdminClient {
  return { get: (request, signal) => get(settings, request, signal) };
}

async function get(settings: AdminClientSettings, request: AdminRequest, signal: AbortSignal) {
  const { limiter, time } = settings;
  const permit = await limiter.acquire(request, signal);
  const answer = await send(settings, request, signal).catch(error => {
    limiter.report(permit, signal.aborted ? 'aborted' : {});
    throw error;
  });
  const dateMs = Date.parse(answer.headers.date ?? '');
  const waitMs = retryAfterMs(answer.headers['retry-after'], settings.clock.nowMs(), answer.headers.date);
  limiter.report(permit, { status: answer.status, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) });
  if (Number.isFinite(dateMs)) time.observe(dateMs / 1000);
  if (answer.status !== 200) throw refusal(answer, request.route, settings.adminKey, waitMs);
  return documents(answer.body);
}

async function send(settings: AdminClientSettings, request: AdminRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const query = new URLSearchParams(request.query).toString();
  return settings.http.get({
    url: `${settings.baseUrl.replace(/\/+$/, '')}${request.path}${query === '' ? '' : `?${query}`}`,
    headers: {
      authorization: `Bearer ${settings.adminKey}`,
      accept: 'application/json',
      'user-agent': settings.userAgent,
    },
    timeoutMs: TIMEOUT_MS,
    maxBytes: MOST_BYTES,
    allowPrivateAddress: settings.allowPrivateAddress,
    signal,
  });
}

function documents(body: string): readonly unknown[] {
  try {
    return parseDocuments(body);
  } catch (error) {
    throw new CollectorError('malformed', 'the answer is not JSON, or not all of it', {
      status: 200,
      code: 'api-malformed',
      cause: error,
    });
  }
}

function refusal(answer: HttpAnswer, route: string, adminKey: string, waitMs: number | undefined): CollectorError {
  const { status } = answer;
  const message = `${explain(status)} (HTTP ${status}${said(answer.body, adminKey)})`;
  const details = { status, code: codeOf(status, route), ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return new CollectorError('retryable', message, details);
  }
  const person = status === 401 || status === 403 || status === 404 || (status >= 300 && status < 400);
  return new CollectorError(person ? 'misconfigured' : 'rejected', message, details);
}

function codeOf(status: number, route: string): ProblemCode {
  if (status === 401) return 'key-refused';
  if (status === 403) return route === '/organization/audit_logs' ? 'scope-audit-logs' : 'scope-management';
  if (status === 404 || (status >= 300 && status < 400)) return 'api-path';
  if (status === 429) return 'api-slow-down';
  return status >= 500 ? 'api-failed' : 'api-refused-request';
}

function explain(status: number): string {
  if (status === 401) return 'the API refuses the key: set admin_key to a valid Admin key (sk-admin-...)';
  if (status === 403)
    return 'the key may not read this: give it the scope that the API names, or make a read-only Admin key';
  if (status === 404) return 'the API does not know this path: check base_url';
  if (status === 429) return 'the API asks to slow down';
  if (status >= 300 && status < 400) return 'the API redirects, and a key is never sent elsewhere: check base_url';
  if (status >= 500) return 'the API failed';
  return 'the API refuses the request';
}

/** The API's own words, short, on one line, without anything that looks like a key. */
function said(body: string, adminKey: string): string {
  const words = errorMessage(body)
    .replaceAll(adminKey, '[key]')
    .replace(/\bsk-[\w*-]{3,}/g, '[key]')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return words === '' ? '' : `: ${words.slice(0, 300)}`;
}

function errorMessage(body: string): string {
  try {
    const message: unknown = JSON.parse(body)?.error?.message;
    return typeof message === 'string' ? message : '';
  } catch {
    return body.startsWith('<') ? '' : body;
  }
}
