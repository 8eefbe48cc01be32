import type { Clock } from '../clock.ts';
import type { Api } from './api.ts';
import { fail, ok, type Result, skipped, warn } from './check.ts';

type Stream = 'organization' | 'tenant';

export async function checkStream(api: Api, stream: Stream, clock: Clock): Promise<Result> {
  const answer = await api.newest(stream);
  if ('value' in answer) {
    const [event] = answer.value.events;
    return ok(event === undefined ? 'nothing in it' : `newest event ${ago(clock.nowMs() / 1000 - event.effectiveAt)}`);
  }
  const { status, code = 'api-failed', message } = answer.error;
  if (status === 429) return skipped('the API asks to slow down');
  if (status === 400 || status === 403 || status === 404) return warn('stream-unavailable', message);
  return fail(code, message);
}

/** An organization that has a key has events: an audit log without any was never switched on. */
export async function checkAuditLogging(api: Api): Promise<Result> {
  const answers = await Promise.all(api.organization.auditLogs.streams.map(stream => api.newest(stream)));
  const pages = answers.flatMap(answer => ('value' in answer ? [answer.value] : []));
  if (pages.length === 0) return skipped('no stream could be read');
  if (pages.some(({ events }) => events.length > 0)) return ok();
  return fail('audit-logging-off', 'no stream holds a single event');
}

function ago(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}
