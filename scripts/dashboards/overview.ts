import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { actorLink } from './actor.ts';
import { frame } from './frame.ts';
import { bars, lines, log, map, number, ranking } from './panel.ts';
import { distinct, events, instantOf, LAG, orZero, own, rate, shown, top, total } from './query.ts';

const FAILED_LOGIN = 'event_name="openai.audit.login.failed"';
const WEAKENED = 'severity_number >= 13 | openai_audit_outcome!="failure"';
const PLACE = ['geo_location_lat', 'geo_location_lon', 'geo_locality_name', 'geo_country_iso_code'];

/** What happened, by whom, from where. */
export function overview(): Dashboard {
  return frame('openai-overview', 'OpenAI / Overview', 'What happened in the organization, by whom, from where')
    .withPanel(number({ title: 'Events', width: 4 }, orZero(total(events()))))
    .withPanel(number({ title: 'Actors', width: 4 }, orZero(distinct(events(), 'actor_id'))))
    .withPanel(number({ title: 'Countries', width: 4 }, orZero(distinct(events(), 'geo_country_iso_code'))))
    .withPanel(number({ title: 'Failed sign-ins', width: 4 }, orZero(total(events(FAILED_LOGIN))), 'attention'))
    .withPanel(
      number(
        { title: 'Protection weakened', width: 4, description: 'Events of severity WARN that did not fail.' },
        orZero(total(events(WEAKENED))),
        'attention',
      ),
    )
    .withPanel(
      number(
        {
          title: 'Complete up to',
          width: 4,
          description:
            'Every event before this time, of every stream, has reached the backend or is reported as parked.',
        },
        `min(max by (organization_name, openai_collector_stream) (max_over_time(${own('coverage')} | ${instantOf('openai_collector_coverage_to')} [$__range]))) * 1000`,
        'neutral',
        'dateTimeAsLocal',
      ),
    )
    .withPanel(
      bars(
        { title: 'What happened', width: 24 },
        rate(events(), ['openai_audit_category']),
        '{{openai_audit_category}}',
      ),
    )
    .withPanel(
      map(
        { title: 'From where', width: 12 },
        total(events('geo_location_lat!=""'), PLACE),
        'geo_location_lat',
        'geo_location_lon',
      ),
    )
    .withPanel(
      ranking(
        { title: 'Top actors', width: 12, height: 12 },
        top(20, total(events('actor_id!=""'), ['user_email', 'actor_id', 'actor_type'])),
        { user_email: 'User', actor_id: 'Actor', actor_type: 'By' },
      ).overrideByRegexp('User|Actor', [actorLink()]),
    )
    .withPanel(
      bars(
        { title: 'Failures', width: 12 },
        rate(events('openai_audit_outcome="failure"'), ['openai_audit_type']),
        '{{openai_audit_type}}',
      ),
    )
    .withPanel(
      ranking(
        { title: 'Failed sign-ins by address', width: 12 },
        top(20, total(events(FAILED_LOGIN), ['actor_ip', 'geo_country_iso_code', 'openai_audit_details_error_code'])),
        { actor_ip: 'Address', geo_country_iso_code: 'Country', openai_audit_details_error_code: 'Why' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Live lag',
          width: 12,
          description:
            'From the time of a live event, in whole seconds, to its first observation; the slowest twentieth.',
        },
        `quantile_over_time(0.95, ${events('openai_audit_delivery="live"')} | ${LAG} [$__auto]) by (openai_audit_stream)`,
        '{{openai_audit_stream}}',
        's',
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Confirmed by coverage records',
          width: 12,
          description: 'Events in the spans that were declared complete.',
        },
        `sum by (openai_collector_stream) (sum_over_time(${own('coverage', 'openai_collector_coverage_revision="1"')} | unwrap openai_collector_coverage_acknowledged [$__auto]))`,
        '{{openai_collector_stream}}',
        'short',
      ),
    )
    .withPanel(log({ title: 'Latest events', width: 24 }, shown(events(), '{{.openai_audit_summary}}')))
    .build();
}
