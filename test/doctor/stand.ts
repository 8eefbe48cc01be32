import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUndiciClient } from '../../src/api/undici-client.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Finding } from '../../src/doctor/check.ts';
import { doctor } from '../../src/doctor/doctor.ts';
import type { Report } from '../../src/doctor/report.ts';
import type { World } from '../../src/doctor/world.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { type EmulatorServer, serve } from '../../src/emulator/server.ts';
import { DISK } from '../../src/enrichment/disk.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { type OtlpServer, type OtlpServerOptions, startOtlpServer } from '../support/otlp-server.ts';

/** A set-up in which all is well, until a test breaks one thing of it before it asks. */
export interface Stand {
  readonly emulator: Emulator;
  readonly backend: OtlpServer;
  readonly directory: string;
  readonly state: string;
  readonly organization: Record<string, unknown>;
  readonly exporter: Record<string, unknown>;
  readonly storage: Record<string, unknown>;
  readonly enrichment: Record<string, unknown>;
  readonly warnings: string[];
  readonly world: { -readonly [K in keyof World]: World[K] };
  examine(): Promise<Report>;
  close(): Promise<void>;
}

export interface StandOptions {
  readonly backend?: OtlpServerOptions;
  /** How far the API's clock is ahead of this machine's. */
  readonly aheadMs?: number;
}

const DAY_MS = 86_400_000;

/** With the state as a collector leaves it. */
export async function openStand({ backend: backendOptions, aheadMs = 0 }: StandOptions = {}): Promise<Stand> {
  const emulator = createEmulator({
    content: { kind: 'story', seed: '1', historyMs: 2 * DAY_MS },
    startMs: systemClock.nowMs() + aheadMs,
  });
  const api: EmulatorServer = await serve(emulator, { port: 0 });
  const backend = await startOtlpServer(backendOptions);
  const directory = await mkdtemp(join(tmpdir(), 'doctor-'));
  const state = join(directory, 'state.db');
  await (await openStorage(state)).close();
  const http = createUndiciClient();
  const stand: Stand = {
    emulator,
    backend,
    directory,
    state,
    organization: { name: 'acme', admin_key: DEMO_KEY, base_url: api.url },
    exporter: { endpoint: backend.origin },
    storage: { path: state },
    enrichment: {},
    warnings: [],
    world: {
      // How busy the machine is must not decide what is found.
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(10 * ms, signal) },
      version: '0.0.0',
      nodeVersion: '26.1.0',
      lookup: async () => '127.0.0.1',
      freeBytes: async () => 1e12,
      listen: async () => undefined,
      files: DISK,
      http,
    },
    async examine() {
      const { organization, exporter, storage, enrichment, world, warnings } = stand;
      const text = JSON.stringify({ organizations: [organization], exporter, storage, enrichment });
      const readFile = async () => text;
      const { config } = await loadConfig({ path: 'config.yaml', env: {}, readFile });
      return doctor(config, warnings, world, new AbortController().signal);
    },
    async close() {
      await Promise.all([api.close(), backend.close(), http.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return stand;
}

/** Checks that found something, as `id code`. */
export function alarms({ findings }: Report): readonly string[] {
  return findings.flatMap(alarm);
}

function alarm({ id, result }: Finding): readonly string[] {
  return result.mark === 'warn' || result.mark === 'fail' ? [`${id} ${result.mark} ${result.code}`] : [];
}
