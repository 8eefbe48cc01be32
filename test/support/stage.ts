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
  /** Starts the program with this stage's API, backend and state; `environment` wins over these. */
  run(args?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<RunningProcess>;
  /** The same for any command. */
  command(
    name: string,
    args?: readonly string[],
    environment?: Readonly<Record<string, string>>,
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
  readonly backend?: OtlpServerOptions;
}

/** An emulated API and an OTLP receiver in this process, for real processes of the program to run between them. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { backend: backendOptions, auditLogs = {}, ...emulatorOptions } = options;
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
  const state = join(directory, 'state.db');
  const command: Stage['command'] = async (name, args = [], environment = {}) => {
    const program = await startProgram([name, '--config', config, ...args], {
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
  await writeFile(config, configuration(state, auditLogs));
  return {
    emulator,
    backend,
    api: api.url,
    directory,
    state,
    command,
    run: (args, environment) => command('run', args, environment),
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
function configuration(path: string, auditLogs: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    organizations: [{ name: ORGANIZATION, audit_logs: { poll_interval: '1s', start_from: '60d', ...auditLogs } }],
    exporter: { timeout: '3s' },
    storage: { path },
  });
}
