import type { Interval } from '../coverage/intervals.ts';
import { type Answer, joinedAnswer } from './answer.ts';
import { type Collected, type ReplayAsk, replayParked } from './replay.ts';
import { verifySource } from './verify.ts';

/** What a command asks: of the collector that it starts, or of the one that runs. */
export type Ask =
  | { readonly kind: 'replay'; readonly which: ReplayAsk }
  | { readonly kind: 'verify'; readonly span: Interval; readonly stream?: string };

/** Does it for one organization. Throws CollectorError where a person must act first. */
export async function carryOut(collected: Collected, ask: Ask, signal: AbortSignal): Promise<Answer> {
  const { organization, sources, storage } = collected;
  if (ask.kind === 'replay') return replayParked(collected, ask.which, signal);
  const asked = sources.filter(({ feed }) => ask.stream === undefined || feed.key.stream === ask.stream);
  if (asked.length === 0) return { ok: false, lines: [`${organization}: the ${ask.stream} stream is not configured`] };
  const answers: Answer[] = [];
  for (const source of asked) answers.push(await verifySource(source, sources, storage, ask.span, signal));
  return joinedAnswer(answers);
}
