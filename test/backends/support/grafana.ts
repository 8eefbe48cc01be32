import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

export interface PanelQuery {
  readonly panel: string;
  readonly query: string;
  readonly kind: 'instant' | 'range';
}

/** The queries of a dashboard's panels that go to one kind of data source. */
export function queriesOf(dashboard: Dashboard, source: 'loki' | 'prometheus'): readonly PanelQuery[] {
  return (dashboard.panels ?? []).flatMap(panel => {
    if (!('targets' in panel) || panel.datasource?.type !== source) return [];
    return (panel.targets ?? []).map(target => {
      const { expr } = target as { expr?: unknown };
      const kind = kindOf(target);
      if (typeof expr !== 'string' || kind === undefined) throw new Error(`${panel.title}: no query of ${source}`);
      return { panel: panel.title ?? '', query: expr, kind };
    });
  });
}

/** Loki's source has one key for it, that of Prometheus one for each kind. */
function kindOf(target: unknown): PanelQuery['kind'] | undefined {
  const { queryType, instant, range } = target as { queryType?: unknown; instant?: unknown; range?: unknown };
  if (queryType === 'instant' || instant === true) return 'instant';
  return queryType === 'range' || range === true ? 'range' : undefined;
}

/** Puts in what Grafana would put in: the dashboard's time as `hours`, and its variables. */
export function interpolated(query: string, hours: number, variables: Readonly<Record<string, string>>): string {
  const asked = query
    .replaceAll('$__range', `${hours}h`)
    .replaceAll('$__auto', `${Math.ceil(hours / 100)}h`)
    .replaceAll(
      /\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g,
      (_, braced: string | undefined, format, bare: string | undefined) => {
        const name = braced ?? bare ?? '';
        const value = variables[name];
        if (value === undefined) throw new Error(`no variable is called ${name}`);
        return format === 'regex' ? value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, '\\$&') : value;
      },
    );
  return asked;
}
