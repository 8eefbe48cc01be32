import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createEmulator, DEMO_KEY, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import { serve } from '../../src/emulator/server.ts';
import { type OtlpServer, type OtlpServerOptions, startOtlpServer } from '../support/otlp-server.ts';
import { type RunningProcess, startProgram, temporaryDirectory } from '../support/process.ts';

export interface Stage {
  readonly emulator: Emulator;
  readonly backend: OtlpServer;
  /** Base URL of the API. */
  readonly api: string;
  readonly directory: string;
  /** Starts the program with this stage's API, backend and state; `environment` wins over these. */
  run(args?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<RunningProcess>;
  /** The same backend on the same port, after it was closed. */
  backendAgain(): Promise<OtlpServer>;
  /** Ids that the API lists, of both streams. */
  listed(): readonly string[];
}

export interface StageOptions {
  readonly content: EmulatorOptions['content'];
  readonly startFrom?: string;
  readonly settings?: EmulatorOptions['settings'];
  readonly backend?: OtlpServerOptions;
}

/** An emulated API and an OTLP receiver in this process, for real processes of the program to run between them. */
export async function stage(options: StageOptions): Promise<Stage> {
  const { path: directory, remove } = await temporaryDirectory();
  onTestFinished(remove);
  const { content, settings = {}, startFrom = '60d' } = options;
  const emulator = createEmulator({ content, settings });
  const api = await serve(emulator, { port: 0 });
  onTestFinished(() => api.close());
  const backend = await openBackend(options.backend);
  const config = join(directory, 'config.yaml');
  await writeFile(config, configuration(join(directory, 'state.db'), startFrom));
  return {
    emulator,
    backend,
    api: api.url,
    directory,
    async run(args = [], environment = {}) {
      const program = await startProgram(['run', '--config', config, ...args], {
        env: {
          OPENAI_ADMIN_KEY: DEMO_KEY,
          OPENAI_BASE_URL: api.url,
          OTEL_EXPORTER_OTLP_ENDPOINT: backend.origin,
          ...environment,
        },
      });
      onTestFinished(async () => void (await program.end('SIGKILL')));
      return program;
    },
    backendAgain: () => openBackend({ ...options.backend, port: Number(new URL(backend.origin).port) }),
    listed: () =>
      (['organization', 'tenant'] as const)
        .flatMap(stream => [...emulator.organization.listed(stream)].map(event => event.id))
        .toSorted(),
  };
}

async function openBackend(options: OtlpServerOptions | undefined): Promise<OtlpServer> {
  const backend = await startOtlpServer(options);
  onTestFinished(() => backend.close());
  return backend;
}

function configuration(state: string, startFrom: string): string {
  return `
organizations:
  - name: acme
    audit_logs: { poll_interval: 1s, start_from: ${startFrom} }
exporter: { timeout: 3s }
storage: { path: ${JSON.stringify(state)} }
`;
}

/** Every uid that was received, as often as it was. */
export function received(...backends: readonly OtlpServer[]): readonly string[] {
  return backends.flatMap(({ requests }) => requests.flatMap(request => request.records.map(record => record.uid)));
}

/** How many records were received more than once, counting each repetition. */
export function repeated(uids: readonly string[]): number {
  return uids.length - new Set(uids).size;
}

export const unique = (uids: readonly string[]): readonly string[] => [...new Set(uids)].toSorted();
