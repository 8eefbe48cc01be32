import type { Clock } from './clock.ts';
import { CollectorError, ExitError } from './errors.ts';
import { type Answer, joinedAnswer } from './pipeline/answer.ts';
import type { Ask } from './pipeline/ask.ts';
import { type Visitor, visitState } from './storage/visitor.ts';

const LOOK_MS = 500;
/** A `run` looks every two seconds. */
const TAKEN_WITHIN_MS = 30_000;
const ANSWERED_WITHIN_MS = 3_600_000;

/**
 * Asks the process that holds the state at `path`, and waits for its answers.
 * @throws ExitError stateInUse when it does not take requests, failed when it takes too long.
 */
export async function askRunning(
  path: string,
  organizations: readonly string[],
  ask: Ask,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  const visitor = visitState(path);
  const ids: number[] = [];
  try {
    for (const name of organizations) {
      ids.push(await patiently(clock, signal, () => visitor.ask(name, ask.kind, JSON.stringify(ask), clock.nowMs())));
    }
    const answers: Answer[] = [];
    for (const id of ids) answers.push(await answerTo(visitor, id, path, clock, signal));
    return joinedAnswer(answers);
  } finally {
    try {
      for (const id of ids) visitor.withdraw(id);
    } catch {
      // What nobody fetches goes by itself.
    }
    visitor.close();
  }
}

async function answerTo(visitor: Visitor, id: number, path: string, clock: Clock, signal: AbortSignal) {
  const startedMs = clock.monotonicMs();
  for (;;) {
    const state = await patiently(clock, signal, () => visitor.look(id));
    if (typeof state === 'object') return JSON.parse(state.answer) as Answer;
    const waitedMs = clock.monotonicMs() - startedMs;
    if (state !== 'taken' && waitedMs > TAKEN_WITHIN_MS) throw notTaken(path);
    if (waitedMs > ANSWERED_WITHIN_MS) throw tooSlow();
    await clock.sleep(LOOK_MS, signal);
  }
}

/** The process that writes may hold the file for a moment. */
async function patiently<T>(clock: Clock, signal: AbortSignal, work: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CollectorError) || attempt === 5) throw error;
      await clock.sleep(LOOK_MS, signal);
    }
  }
}

function notTaken(path: string): ExitError {
  return new ExitError(
    'state-in-use',
    `storage.path ${path} is in use by a process that takes no requests: it is no \`run\`, is waiting for its backend ` +
      'since its start, is stopping, or does not collect this organization. Try again, or stop it first.',
  );
}

function tooSlow(): ExitError {
  return new ExitError(
    'collector-silent',
    'The running collector has not finished within an hour. It goes on, and its log will say the result.',
  );
}
