import type { Clock, Random } from '../clock.ts';
import { CollectorError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Request, Storage } from '../storage/storage.ts';
import { type Answer, failedAnswer } from './answer.ts';
import { persist } from './persist.ts';

export interface RequestDesk {
  readonly organization: string;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const LOOK_MS = 2_000;

/**
 * Carries out what other processes ask this one to do, side by side, and answers each. Runs until `signal` aborts; what
 * was not answered then is carried out at the next start.
 */
export async function serveRequests(
  desk: RequestDesk,
  carryOut: (request: Request, signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<never> {
  const { organization, storage, clock } = desk;
  const underWay = new Set<number>();
  const failure = Promise.withResolvers<never>();
  // Nobody may be waiting when it comes.
  failure.promise.catch(() => undefined);
  for (;;) {
    const open = await persist(() => storage.requests(organization), { ...desk, signal });
    for (const request of open.filter(({ id }) => !underWay.has(id))) {
      underWay.add(request.id);
      answer(desk, request, carryOut, signal).then(() => underWay.delete(request.id), failure.reject);
    }
    await Promise.race([failure.promise, clock.sleep(LOOK_MS, signal)]);
  }
}

async function answer(
  desk: RequestDesk,
  request: Request,
  carryOut: (request: Request, signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<void> {
  const { storage, clock, log } = desk;
  log.info('carrying out a request', { kind: request.kind });
  const result = await carryOut(request, signal).catch(error => {
    if (signal.aborted || !(error instanceof CollectorError)) throw error;
    return failedAnswer(request.kind, error);
  });
  const text = JSON.stringify(result);
  await persist(() => storage.answer(request.id, text, clock.nowMs()), { ...desk, signal });
  log.info('carried out a request', { kind: request.kind, ok: result.ok, result: result.lines.join('; ') });
}
