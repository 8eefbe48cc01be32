import { PROMETHEUS_TYPE, prometheusText } from '../telemetry/prometheus.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Pages } from './server.ts';

/** What Prometheus scrapes. */
export function prometheusPages(telemetry: Pick<Telemetry, 'samples'>): Pages {
  return {
    '/metrics': async () => {
      return { status: 200, type: PROMETHEUS_TYPE, body: prometheusText(await telemetry.samples()) };
    },
  };
}
