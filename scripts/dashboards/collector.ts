import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { withMetrics } from './metrics.ts';
import { bars, lines, log, number, ranking } from './panel.ts';
import { events, instantOf, LAG, orZero, own, ownOfAll, rate, total } from './query.ts';

const STREAM = ['organization_name', 'openai_collector_stream'];
const COVERED_TO = `max by (${STREAM.join(', ')}) (max_over_time(${own('coverage')} | ${instantOf('openai_collector_coverage_to')} [$__range]))`;

/** Of each span what was said last: a later record of it says again what an earlier one said. */
const NEWEST_WITHDRAWN = `last_over_time(${own('coverage')} | unwrap openai_collector_coverage_withdrawn [$__range]) by (${STREAM.join(', ')}, openai_collector_coverage_from)`;

/** The health of the collector, from its own records, and where there is a Prometheus, from its metrics. */
export function collector(): Dashboard {
  const records = frame(
    'openai-collector',
    'OpenAI / Collector',
    'The health of the collector, from its own records and metrics',
  )
    .withPanel(
      number(
        {
          title: 'Complete up to',
          width: 8,
          description: 'By stream: every event before this time has reached the backend or is reported as parked.',
        },
        `${COVERED_TO} * 1000`,
        'neutral',
        'dateTimeAsLocal',
      ),
    )
    .withPanel(
      number(
        { title: 'Parked', width: 4, description: 'Records that the backend refused.' },
        orZero(total(own('parked'))),
        'attention',
      ),
    )
    .withPanel(
      number(
        { title: 'Late', width: 4, description: 'Events found where all was covered.' },
        orZero(total(own('late'))),
        'attention',
      ),
    )
    .withPanel(
      number(
        { title: 'Withdrawn', width: 4, description: 'Events that the API no longer lists; they were kept.' },
        orZero(`sum(${NEWEST_WITHDRAWN})`),
        'attention',
      ),
    )
    .withPanel(
      number(
        { title: 'Stream troubles', width: 4, description: 'Changes into a state other than live or empty.' },
        orZero(total(own('feed', 'openai_collector_feed_state!~"live|empty|not_available"'))),
        'attention',
      ),
    )
    .withPanel(
      lines(
        { title: 'Live lag', width: 12, description: 'From event time to first observation; the slowest twentieth.' },
        `quantile_over_time(0.95, ${events('openai_audit_delivery="live"')} | ${LAG} [$__auto]) by (openai_audit_stream)`,
        '{{openai_audit_stream}}',
        's',
      ),
    )
    .withPanel(
      bars(
        { title: 'Events by delivery', width: 12 },
        rate(events(), ['openai_audit_delivery']),
        '{{openai_audit_delivery}}',
      ),
    )
    .withPanel(
      ranking(
        { title: 'States of the streams', width: 12, description: 'How often each was entered.' },
        total(own('feed'), [...STREAM, 'openai_collector_feed_state']),
        { organization_name: 'Organization', openai_collector_stream: 'Stream', openai_collector_feed_state: 'State' },
      ),
    )
    .withPanel(
      bars({ title: 'Records of the collector', width: 12 }, rate(ownOfAll(), ['event_name']), '{{event_name}}'),
    )
    .withPanel(log({ title: 'Changes of the streams', width: 12 }, own('feed')))
    .withPanel(log({ title: 'Parked records', width: 12 }, own('parked')))
    .withPanel(log({ title: 'Late events', width: 12 }, own('late')))
    .withPanel(log({ title: 'Coverage', width: 12 }, own('coverage')));
  return withMetrics(records).build();
}
