import {
  type Dashboard,
  type DynamicConfigValue,
  TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { bars, log, map, number, ranking } from './panel.ts';
import { distinct, events, orZero, rate, shown, top, total } from './query.ts';

const UID = 'openai-actor';

/**
 * Any part of a mail address, an id of a user, key or service account, or an address; nothing shows everybody. In a raw
 * string, since Grafana escapes with single backslashes.
 */
const PATTERN = `\`(?i).*\${actor:regex}.*\``;
const NAMES = ['user_email', 'actor_id', 'actor_api_key_id', 'actor_service_account_id', 'actor_ip'];
const BY_ACTOR = `(${NAMES.map(name => `${name}=~${PATTERN}`).join(' or ')})`;
const PLACE = ['geo_location_lat', 'geo_location_lon', 'geo_locality_name', 'geo_country_iso_code'];

/** One person's or one key's timeline. */
export function actor(): Dashboard {
  const all = events(BY_ACTOR);
  const failed = events(BY_ACTOR, 'openai_audit_outcome="failure"');
  return frame(UID, 'OpenAI / Actor', "One person's or one key's timeline")
    .withVariable(
      new TextBoxVariableBuilder('actor')
        .label('Actor')
        .description('Part of a mail address, of an id of a user, key or service account, or of an IP address')
        .defaultValue(''),
    )
    .withPanel(number({ title: 'Events', width: 6 }, orZero(total(all))))
    .withPanel(number({ title: 'Failures', width: 6 }, orZero(total(failed)), 'attention'))
    .withPanel(number({ title: 'Addresses', width: 6 }, orZero(distinct(all, 'actor_ip'))))
    .withPanel(number({ title: 'Countries', width: 6 }, orZero(distinct(all, 'geo_country_iso_code'))))
    .withPanel(bars({ title: 'Timeline', width: 24 }, rate(all, ['openai_audit_type']), '{{openai_audit_type}}'))
    .withPanel(
      map(
        { title: 'From where', width: 12 },
        total(events(BY_ACTOR, 'geo_location_lat!=""'), PLACE),
        'geo_location_lat',
        'geo_location_lon',
      ),
    )
    .withPanel(
      ranking(
        { title: 'Addresses and programs', width: 12, height: 12 },
        top(50, total(events(BY_ACTOR, 'actor_ip!=""'), ['actor_ip', 'geo_country_iso_code', 'user_agent_original'])),
        { actor_ip: 'Address', geo_country_iso_code: 'Country', user_agent_original: 'Program' },
      ),
    )
    .withPanel(
      ranking(
        { title: 'Acted upon', width: 12 },
        top(
          50,
          total(events(BY_ACTOR, 'openai_audit_target_id!=""'), ['openai_audit_target_type', 'openai_audit_target_id']),
        ),
        { openai_audit_target_type: 'Kind', openai_audit_target_id: 'Id' },
      ),
    )
    .withPanel(
      ranking(
        { title: 'In projects', width: 12 },
        top(50, total(events(BY_ACTOR, 'project_id!=""'), ['project_name', 'project_id'])),
        { project_name: 'Project', project_id: 'Id' },
      ),
    )
    .withPanel(log({ title: 'Everything', width: 24, height: 16 }, shown(all, '{{.openai_audit_summary}}')))
    .build();
}

/** Makes the value of a table's cell lead to that actor's timeline. */
export function actorLink(): DynamicConfigValue {
  const url = `/d/${UID}?var-actor=\${__value.raw:percentencode}&\${organization:queryparam}&\${__url_time_range}`;
  return { id: 'links', value: [{ title: 'Timeline', url }] };
}
