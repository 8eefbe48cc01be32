import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Pages, plain } from './server.ts';
import { statusPage } from './status-page.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Liveness and readiness apart: only the first is a reason to start the process anew. */
export function healthPages(telemetry: Pick<Telemetry, 'status'>): Pages {
  return {
    '/': async ({ query }) => statusPage(await telemetry.status(), { isPaused: query.has('paused') }),
    '/status': async () => {
      return { status: 200, type: JSON_TYPE, body: `${JSON.stringify(await telemetry.status(), undefined, 2)}\n` };
    },
    '/healthz': async () => plain(200, 'alive'),
    '/readyz': async () => {
      const { ready, problems } = await telemetry.status();
      if (ready) return plain(200, 'ready');
      const mended = problems.filter(({ severity }) => severity === 'act').map(({ message }) => message);
      return plain(503, mended.length === 0 ? 'starting' : mended.join('\n'));
    },
  };
}
