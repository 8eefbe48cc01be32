import {
  type DataSourceRef,
  type FrameGeometrySource,
  FrameGeometrySourceMode,
  GraphDrawStyle,
  LogsSortOrder,
  type MapLayerOptions,
  MapLayerOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DataTransformerConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as MapBuilder,
  MapCenterID,
  MapViewConfigBuilder,
  TooltipMode,
  TooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/geomap';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder, LokiQueryType } from '@grafana/grafana-foundation-sdk/loki';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Grafana's grid is 24 wide. */
export interface Place {
  readonly title: string;
  readonly description?: string;
  readonly width: number;
  readonly height?: number;
}

/** Whichever Loki the person chooses in the dashboard. */
export const SOURCE = { type: 'loki', uid: `\${datasource}` } as const;

export type Tone = 'neutral' | 'attention';

/** One number. */
export function number(place: Place, query: string, tone: Tone = 'neutral', unit = 'short'): StatBuilder {
  return placed(new StatBuilder(), { height: 4, ...place })
    .unit(unit)
    .thresholds(thresholds(tone))
    .withTarget(instant(query));
}

/** Bars over time, stacked, one colour for each value of the label that `legend` names. */
export function bars(place: Place, query: string, legend: string): TimeSeriesBuilder {
  return placed(timeSeries(), place)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
    .unit('short')
    .withTarget(overTime(query, legend));
}

/** A line over time for each value of the label that `legend` names. */
export function lines(place: Place, query: string, legend: string, unit: string): TimeSeriesBuilder {
  return placed(timeSeries(), place).unit(unit).spanNulls(true).withTarget(overTime(query, legend));
}

/** An empty panel over time; colours mean nothing without a legend, which is hidden by default. */
export function timeSeries(): TimeSeriesBuilder {
  return new TimeSeriesBuilder().legend(new VizLegendOptionsBuilder().showLegend(true));
}

/** What an instant query groups by, the largest first; `columns` names each label as a person reads it, in order. */
export function ranking(place: Place, query: string, columns: Readonly<Record<string, string>>): TableBuilder {
  return placed(new TableBuilder(), place)
    .withTarget(instant(query))
    .transformations([ordered(columns), { id: 'sortBy', options: { sort: [{ field: COUNT, desc: true }] } }]);
}

/** The lines of a log query, newest first. */
export function log(place: Place, query: string): LogsBuilder {
  return placed(new LogsBuilder(), { height: 10, ...place })
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .sortOrder(LogsSortOrder.Descending)
    .withTarget(new DataqueryBuilder().refId('A').expr(query).queryType(LokiQueryType.Range).maxLines(500));
}

/** A circle for each place, as large as what happened there. The query groups by latitude and longitude. */
export function map(place: Place, query: string, latitude: string, longitude: string): MapBuilder {
  const layer = new MapLayerOptionsBuilder()
    .type('markers')
    .name('Places')
    .location({ build: (): FrameGeometrySource => ({ mode: FrameGeometrySourceMode.Coords, latitude, longitude }) })
    .config({ style: { size: { field: COUNT, min: 4, max: 24 }, color: { fixed: 'dark-orange' }, opacity: 0.6 } })
    .tooltip(true);
  return placed(new MapBuilder(), { height: 12, ...place })
    .view(new MapViewConfigBuilder().id(MapCenterID.Fit).padding(10))
    .basemap({ build: (): MapLayerOptions => ({ type: 'default', name: 'Base' }) })
    .layers([layer])
    .tooltip(new TooltipOptionsBuilder().mode(TooltipMode.Details))
    .withTarget(instant(query))
    .transformations([
      ordered({}),
      {
        id: 'convertFieldType',
        options: {
          conversions: [latitude, longitude].map(targetField => ({ targetField, destinationType: 'number' })),
        },
      },
    ]);
}

/** What Grafana calls the value of query A in a table, and what it is called here. */
const VALUE = 'Value #A';
const COUNT = 'Events';

function ordered(columns: Readonly<Record<string, string>>): DataTransformerConfig {
  return {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries(Object.keys(columns).map((label, index) => [label, index])),
      renameByName: { ...columns, [VALUE]: COUNT },
    },
  };
}

export function thresholds(tone: Tone): ThresholdsConfigBuilder {
  const steps = [{ value: null, color: 'blue' }, ...(tone === 'attention' ? [{ value: 1, color: 'orange' }] : [])];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function instant(query: string): DataqueryBuilder {
  return new DataqueryBuilder().refId('A').expr(query).queryType(LokiQueryType.Instant);
}

function overTime(query: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId('A').expr(query).queryType(LokiQueryType.Range).legendFormat(legend);
}

type AnyPanel = StatBuilder | TimeSeriesBuilder | TableBuilder | LogsBuilder | MapBuilder;

/** Puts a panel where it belongs; it reads the chosen Loki unless told otherwise. */
export function placed<Panel extends AnyPanel>(
  panel: Panel,
  { title, description = '', width, height = 8 }: Place,
  source: DataSourceRef = SOURCE,
): Panel {
  panel.title(title).description(description).datasource(source).span(width).height(height);
  return panel;
}
