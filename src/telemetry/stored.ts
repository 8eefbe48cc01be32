import type { Config } from '../config/config.ts';
import { gaps } from '../coverage/intervals.ts';
import type { FeedKey, Storage } from '../storage/storage.ts';
import { inventoryStatus } from './inventory-status.ts';
import { problemsOf } from './problems.ts';
import type { OrganizationStatus, Status, StreamStatus } from './status.ts';
import { storedStatus } from './stream-status.ts';

export interface StoredOptions {
  readonly version: string;
  readonly nowMs: number;
  readonly storage: { readonly path: string; readonly bytes: number };
  readonly backend: string;
}

/** What a state says when nobody answers who works on it. */
export async function statusFromStorage(config: Config, storage: Storage, options: StoredOptions): Promise<Status> {
  const organizations = await Promise.all(
    config.organizations.map(async ({ name, auditLogs }): Promise<OrganizationStatus> => {
      const inventory = inventoryStatus(await storage.inventoryLists(name));
      const streams = auditLogs.enabled ? auditLogs.streams : [];
      return {
        name,
        streams: await Promise.all(
          streams.map(stream => streamFrom(storage, { organization: name, stream }, auditLogs.settleMs, options.nowMs)),
        ),
        works: [],
        routes: [],
        parked: await storage.parkedReasons(name),
        ...(inventory === undefined ? {} : { inventory }),
      };
    }),
  );
  return { ...options, ready: false, problems: problemsOf(organizations), organizations };
}

async function streamFrom(storage: Storage, key: FeedKey, settleMs: number, nowMs: number): Promise<StreamStatus> {
  const state = await storage.feed(key);
  const [newest] = await storage.newest(key, 1);
  const end = Math.floor((nowMs - settleMs) / 1000);
  const open = state?.listed === true ? gaps(state.coverage, { from: state.startAt, to: end }) : [];
  return {
    ...storedStatus(key.stream, state, open),
    ...(newest === undefined ? {} : { newestEventAt: newest.effectiveAt }),
  };
}
