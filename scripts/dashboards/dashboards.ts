import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { access } from './access.ts';
import { actor } from './actor.ts';
import { collector } from './collector.ts';
import { overview } from './overview.ts';

const FOLDER = new URL('../../config/grafana/dashboards/', import.meta.url);

/** Every dashboard that is shipped, and its file. */
export const DASHBOARDS: readonly { readonly file: URL; readonly build: () => Dashboard }[] = [
  { file: new URL('overview.json', FOLDER), build: () => numbered(overview()) },
  { file: new URL('actor.json', FOLDER), build: () => numbered(actor()) },
  { file: new URL('access.json', FOLDER), build: () => numbered(access()) },
  { file: new URL('collector.json', FOLDER), build: () => numbered(collector()) },
];

/** Links to one panel name it by its number. */
function numbered(dashboard: Dashboard): Dashboard {
  return { ...dashboard, panels: (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) };
}
