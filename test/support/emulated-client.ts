import { type AdminClient, createAdminClient } from '../../src/api/admin-client.ts';
import { ApiTime } from '../../src/api/api-time.ts';
import type { HttpAnswer, HttpRequest } from '../../src/api/http.ts';
import type { Limiter } from '../../src/api/limiter.ts';
import { DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { CollectorError } from '../../src/errors.ts';
import { createFakeClock } from './fake-clock.ts';

/** The product's client in front of an emulator, without network and without waiting. */
export function clientOf(emulator: Emulator, adminKey = DEMO_KEY): AdminClient {
  const clock = createFakeClock();
  const http = { get: async (request: HttpRequest) => emulatedAnswer(emulator, request), close: async () => undefined };
  const time = new ApiTime(clock);
  const baseUrl = 'http://emulated/v1';
  return createAdminClient({
    baseUrl,
    adminKey,
    allowPrivateAddress: false,
    userAgent: 'test',
    http,
    limiter: patient,
    time,
    clock,
  });
}

/** What the emulator answers, or the error of a client that it breaks off with. */
export function emulatedAnswer(emulator: Emulator, { url, headers, maxBytes }: HttpRequest): HttpAnswer {
  const { pathname, search } = new URL(url);
  const reply = emulator.handle({ method: 'GET', target: pathname + search, headers });
  if (reply.kind === 'hang' || reply.kind === 'reset') throw new CollectorError('retryable', reply.kind);
  if (reply.kind === 'truncated') throw new CollectorError('retryable', 'closed before its answer was complete');
  if (reply.body.length > maxBytes) throw new CollectorError('malformed', 'the answer is larger than allowed');
  return { status: reply.status, headers: reply.headers, body: reply.body };
}

/** Lets everything through. */
const patient: Limiter = {
  acquire: async ({ route, priority, caller = '' }) => ({ route, priority, caller, grantedAtMs: 0, waited: false }),
  report: () => undefined,
  hasSpare: () => true,
  livePaceMs: () => undefined,
  learned: () => [],
  snapshot: () => '',
};
