import type { Sample } from './metrics.ts';
import type { OrganizationStatus, Status, StreamStatus } from './status.ts';

/** What can be seen in a status: everything that is no counter. */
export function gaugesOf({ version, nowMs, storage, organizations }: Status): readonly Sample[] {
  return [
    ...organizations.flatMap(organization => [
      ...organizationGauges(organization, nowMs),
      ...organization.streams.flatMap(stream => streamGauges(organization.name, stream)),
    ]),
    { name: 'openai_collector_storage_size_bytes', labels: {}, value: storage.bytes },
    { name: 'openai_collector_build_info', labels: { version }, value: 1 },
  ];
}

function organizationGauges({ name, ...status }: OrganizationStatus, nowMs: number): readonly Sample[] {
  const organization = { organization: name };
  const { delivery, routes, parked, inventory } = status;
  const read = inventory?.oldestReadAtMs;
  return [
    ...routes.flatMap(({ route, requestsPerMinute, pausedUntilMs }): Sample[] => {
      const labels = { ...organization, route };
      const limit = { name: 'openai_collector_receiver_request_limit', labels, value: requestsPerMinute ?? 0 } as const;
      const pausedS = ((pausedUntilMs ?? nowMs) - nowMs) / 1000;
      const pause = { name: 'openai_collector_receiver_pause_seconds', labels, value: pausedS } as const;
      return [...(requestsPerMinute === undefined ? [] : [limit]), ...(pausedS <= 0 ? [] : [pause])];
    }),
    ...parked.map(({ kind, reason, records }): Sample => {
      const labels = { ...organization, kind, reason };
      return { name: 'openai_collector_exporter_parked_log_records', labels, value: records };
    }),
    { name: 'openai_collector_exporter_held', labels: organization, value: delivery?.state === 'held' ? 1 : 0 },
    ...(read === undefined
      ? []
      : [
          {
            name: 'openai_collector_inventory_age_seconds',
            labels: organization,
            value: (nowMs - read) / 1000,
          } as const,
        ]),
    ...(inventory === undefined
      ? []
      : [
          {
            name: 'openai_collector_inventory_incomplete_lists',
            labels: organization,
            value: inventory.incomplete,
          } as const,
        ]),
  ];
}

function streamGauges(organization: string, status: StreamStatus): readonly Sample[] {
  const labels = { organization, stream: status.stream };
  const asideS = status.gaps
    .filter(({ reason }) => reason !== undefined)
    .reduce((sum, { from, to }) => sum + to - from, 0);
  return [
    ...(status.lagSeconds === undefined
      ? []
      : [{ name: 'openai_collector_receiver_lag_seconds', labels, value: status.lagSeconds } as const]),
    { name: 'openai_collector_receiver_gap_seconds', labels, value: status.gapSeconds },
    { name: 'openai_collector_receiver_set_aside_seconds', labels, value: asideS },
    { name: 'openai_collector_receiver_state', labels: { ...labels, state: status.state }, value: 1 },
  ];
}
