import type { Answer, Limiter } from '../api/limiter.ts';
import type { Clock } from '../clock.ts';
import type { Counters } from './counters.ts';

/** The same limiter; its requests and their waits are counted. */
export function watchedLimiter(
  limiter: Limiter,
  organization: string,
  counters: Counters,
  clock: Pick<Clock, 'monotonicMs'>,
): Limiter {
  return {
    async acquire(ask, signal) {
      const askedMs = clock.monotonicMs();
      const permit = await limiter.acquire(ask, signal);
      const waitedS = (clock.monotonicMs() - askedMs) / 1000;
      const { route, priority } = permit;
      counters.add('openai_collector_receiver_request_wait_seconds_total', { organization, route, priority }, waitedS);
      return permit;
    },
    report(permit, answer) {
      limiter.report(permit, answer);
      if (answer === 'aborted') return;
      const { route, priority } = permit;
      const labels = { organization, route, priority, outcome: outcomeOf(answer) };
      counters.add('openai_collector_receiver_requests_total', labels);
    },
    hasSpare: route => limiter.hasSpare(route),
    livePaceMs: (route, callers) => limiter.livePaceMs(route, callers),
    learned: () => limiter.learned(),
    snapshot: () => limiter.snapshot(),
  };
}

function outcomeOf({ status = 0 }: Answer): 'ok' | 'limited' | 'refused' | 'failed' {
  if (status >= 200 && status < 300) return 'ok';
  if (status === 429) return 'limited';
  return status >= 300 && status < 500 ? 'refused' : 'failed';
}
