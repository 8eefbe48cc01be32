import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SOURCE } from './panel.ts';
import { ORGANIZATION } from './query.ts';

const TAG = 'openai-audit';

/** What Grafana's Loki source calls "values of a label". */
const LABEL_VALUES = 1;

/** An empty dashboard with what all have: the Loki to read, the organizations to show, links to the others. */
export function frame(uid: string, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .time({ from: 'now-7d', to: 'now' })
    .refresh('1m')
    .readonly()
    .link(
      new DashboardLinkBuilder('OpenAI')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Loki').type('loki'))
    .withVariable(
      new QueryVariableBuilder(ORGANIZATION)
        .label('Organization')
        .datasource(SOURCE)
        .query({ type: LABEL_VALUES, label: 'organization_name', stream: '{service_name="openai-audit"}', refId: 'A' })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: 'All', value: '$__all' }),
    );
}
