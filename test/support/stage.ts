import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEmulator, DEMO_KEY, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import { serve } from '../../src/emulator/server.ts';
import { type OtlpServer, type OtlpServerOptions, startOtlpServer } from './otlp-server.ts';
import { type RunningProcess, startProgram, temporaryDirectory } from './process.ts';

/** Name of the organization in the state. */
export const ORGANIZATION = 'acme';

export interface Stage {
  readonly emulator: Emulator;
  readonly backend: OtlpServer;
  /** Base URL of the API. */
  readonly api: string;
  readonly directory: string;
  /** Path of the state file. */
  readonly state: string;
  /** Starts the program with this stage's API, backend and state; `environment` wins over these. `through`: as in StartOptions. */
  run(
    args?: readonly string[],
    environment?: Readonly<Record<string, string>>,
    through?: readonly string[],
  ): Promise<RunningProcess>;
  /** The same for any command. */
  command(
    name: string,
    args?: readonly string[],
    environment?: Readonly<Record<string, string>>,
    through?: readonly string[],
  ): Promise<RunningProcess>;
  /** The same backend on the same port, after it was closed. */
  backendAgain(): Promise<OtlpServer>;
  /** Ids that the API lists, of both streams. */
  listed(): readonly string[];
  /** Kills what still runs, and takes everything away, the last first. */
  close(): Promise<void>;
}

export interface StageOptions extends Pick<EmulatorOptions, 'content' | 'settings' | 'startMs'> {
  /** Keys of `audit_logs` that are not as usual. */
  readonly auditLogs?: Readonly<Record<string, unknown>>;
  /** The same of `inventory`, which is not read unless this says so. */
  readonly inventory?: Readonly<Record<string, unknown>>;
  /** Whether the status page and metrics are served, each at a free port. */
  readonly serves?: boolean;
  /** The same of `health`. */
  readonly health?: Readonly<Record<string, unknown>>;
  /** The same of `exporter`. */
  readonly exporter?: Readonly<Record<string, unknown>>;
  /** Where the state file is, when not in the stage's own directory. */
  readonly stateDirectory?: string;
  readonly backend?: OtlpServerOptions;
}

/** An emulated API and an OTLP receiver in this process, for real processes of the program to run between them. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { backend: backendOptions, auditLogs = {}, exporter = {}, stateDirectory, ...rest } = options;
  const { inventory = { enabled: false }, serves = false, health = {}, ...emulatorOptions } = rest;
  const closers: (() => Promise<unknown>)[] = [];
  const { path: directory, remove } = await temporaryDirectory();
  closers.push(remove);
  const emulator = createEmulator(emulatorOptions);
  const api = await serve(emulator, { port: 0 });
  closers.push(api.close);
  const openBackend = async (more?: OtlpServerOptions) => {
    const opened = await startOtlpServer({ ...backendOptions, ...more });
    closers.push(opened.close);
    return opened;
  };
  const backend = await openBackend();
  const config = join(directory, 'config.yaml');
  const state = join(stateDirectory ?? directory, 'state.db');
  const command: Stage['command'] = async (name, args = [], environment = {}, through = []) => {
    const program = await startProgram([name, '--config', config, ...args], {
      through,
      env: {
        OPENAI_ADMIN_KEY: DEMO_KEY,
        OPENAI_BASE_URL: api.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.origin,
        ...environment,
      },
    });
    closers.push(() => program.end('SIGKILL'));
    return program;
  };
  await writeFile(config, configuration(state, auditLogs, inventory, exporter, serves, health));
  return {
    emulator,
    backend,
    api: api.url,
    directory,
    state,
    command,
    run: (...how) => command('run', ...how),
    backendAgain: () => openBackend({ port: Number(new URL(backend.origin).port) }),
    listed: () =>
      (['organization', 'tenant'] as const)
        .flatMap(stream => [...emulator.organization.listed(stream)].map(event => event.id))
        .toSorted(),
    async close() {
      for (const close of closers.toReversed()) await close();
    },
  };
}

/** JSON, which is YAML too. */
function configuration(
  path: string,
  auditLogs: Readonly<Record<string, unknown>>,
  inventory: Readonly<Record<string, unknown>>,
  exporter: Readonly<Record<string, unknown>>,
  serves: boolean,
  health: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    organizations: [
      { name: ORGANIZATION, audit_logs: { poll_interval: '1s', start_from: '60d', ...auditLogs }, inventory },
    ],
    exporter: { timeout: '3s', ...exporter },
    storage: { path },
    health: { endpoint: serves ? 'localhost:0' : 'off', ...health },
    telemetry: { metrics: { prometheus: serves ? 'localhost:0' : 'off' } },
  });
}
