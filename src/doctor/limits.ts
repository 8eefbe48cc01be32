import { parseLearned } from '../api/learned-limits.ts';
import type { Clock } from '../clock.ts';
import type { Api } from './api.ts';
import { ok, type Result, warn } from './check.ts';
import { noteOf } from './state.ts';

/** What the requests of the other checks came to. */
export function checkLimitsNow(api: Api): Result {
  const { sent, tooMany, waitMs } = api.requests();
  if (tooMany === 0) return ok(`${sent} requests`);
  const wait = waitMs > 0 ? `; it wants to be left alone for ${Math.ceil(waitMs / 1000)} s` : '';
  return warn('api-slow-down', `${tooMany} of ${sent} requests were too many${wait}`);
}

/** What collecting learned so far. */
export async function checkLimitsLearned(api: Api, path: string, clock: Clock): Promise<Result> {
  const text = await noteOf(path, `limits/${api.organization.name}`).catch(() => undefined);
  const learned = [...parseLearned(text)];
  const nowMs = clock.nowMs();
  const waiting = learned.filter(([, { untilMs = 0 }]) => untilMs > nowMs);
  if (waiting.length > 0) {
    const routes = waiting.map(([route, { untilMs = 0 }]) => `${route} until ${new Date(untilMs).toISOString()}`);
    return warn('api-slow-down', `the API asked to be left alone: ${routes.join(', ')}`);
  }
  const known = learned.filter(([, { sure }]) => sure !== undefined);
  if (known.length === 0) return ok('none met so far');
  const said = known.slice(0, 3).map(([route, { sure = 0 }]) => `${route} ${Math.round(sure)} a minute`);
  return ok(`${said.join(', ')}${known.length > 3 ? `, and ${known.length - 3} more` : ''}`);
}
