/** The variable of every dashboard: the organizations to show, all by default. */
export const ORGANIZATION = 'organization';

const OF_ORGANIZATION = `organization_name=~"$${ORGANIZATION}"`;

/** A probe has the resource of the event that the backend refused. */
const NO_PROBE = 'event_name!="openai.collector.probe"';

/** Log query for audit events that pass all filters; names are Loki's: `user.email` is `user_email`. */
export function events(...filters: readonly string[]): string {
  return pipeline('openai-audit', [NO_PROBE, ...filters]);
}

/** The same for the inventory. */
export function inventory(...filters: readonly string[]): string {
  return pipeline('openai-inventory', filters);
}

/** The same for what the collector says of itself. */
export function own(statement: 'coverage' | 'parked' | 'feed' | 'late', ...filters: readonly string[]): string {
  return pipeline('openai-audit-collector', [`event_name="openai.collector.${statement}"`, ...filters]);
}

/** All that it says of itself. */
export function ownOfAll(): string {
  return pipeline('openai-audit-collector', []);
}

/** How many there are, over all of the dashboard's time. */
export function total(query: string, by: readonly string[] = []): string {
  return `sum ${grouping(by)}(count_over_time(${query} [$__range]))`;
}

/** How many there are in each step. */
export function rate(query: string, by: readonly string[] = []): string {
  return `sum ${grouping(by)}(count_over_time(${query} [$__auto]))`;
}

/** How many different values of one label there are. */
export function distinct(query: string, label: string): string {
  return `count(${total(`${query} | ${label}!=""`, [label])})`;
}

export function top(count: number, query: string): string {
  return `topk(${count}, ${query})`;
}

/** A log query that shows the given template. */
export function shown(query: string, template: string): string {
  return `${query} | line_format \`${template}\``;
}

/** 0 where nothing is found, so that a panel says "none" rather than "no data". */
export function orZero(query: string): string {
  return `${query} or vector(0)`;
}

/** Seconds from an event's time to its first observation, as label `lag`. */
export const LAG =
  'label_format lag=`{{ divf (subf .observed_timestamp (__timestamp__ | unixEpochNanos)) 1e9 }}` | unwrap lag';

/** Unix seconds of a label that is an RFC 3339 instant, as label `instant`. */
export function instantOf(label: string): string {
  return `label_format instant=\`{{ .${label} | toDateInZone "2006-01-02T15:04:05Z" "UTC" | unixEpoch }}\` | unwrap instant`;
}

function pipeline(service: string, filters: readonly string[]): string {
  return [`{service_name="${service}"}`, OF_ORGANIZATION, ...filters].join(' | ');
}

function grouping(by: readonly string[]): string {
  return by.length === 0 ? '' : `by (${by.join(', ')}) `;
}
