import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type RunningProcess, startProgram, temporaryDirectory } from '../../support/process.ts';
import { type CollectorOptions, type RunningCollector, startCollector } from './collector.ts';
import { type LokiOptions, type RunningLoki, startLoki } from './loki.ts';

export interface SceneOptions {
  /** Arguments of `emulate`. */
  readonly emulate: readonly string[];
  /** YAML of the program's configuration besides `storage`. */
  readonly config: string;
}

/** What the tests read of a listed event. */
export interface ListedEvent {
  readonly id: string;
  readonly type: string;
  readonly effective_at: number;
  readonly project?: { readonly id: string } | null;
  readonly actor?: {
    readonly session?: { readonly ip_address?: string; readonly user?: { readonly email?: string } } | null;
    readonly api_key?: { readonly user?: { readonly email?: string } | null } | null;
  } | null;
}

/** Real processes around one emulated organization. All end with the test. */
export interface Scene {
  readonly directory: string;
  readonly collector: (options: Omit<CollectorOptions, 'directory'>) => Promise<RunningCollector>;
  readonly loki: (options: Omit<LokiOptions, 'directory'>) => Promise<RunningLoki>;
  /** The program, with one state for all that run after each other. */
  readonly run: (endpoint: string, ...args: string[]) => Promise<RunningProcess>;
  /** Replaces the program's configuration for those that start from now on. */
  readonly configure: (config: string) => Promise<void>;
  /** The truth: every event of every stream that the emulated organization lists now. */
  readonly listed: () => Promise<readonly ListedEvent[]>;
  /** Tells the emulator to do something, such as `events` with `{ append: [...] }`. */
  readonly control: (what: string, body: unknown) => Promise<void>;
}

/** Tests run side by side: nobody serves at the usual ports. */
const QUIET = 'health: { endpoint: off }\ntelemetry: { metrics: { prometheus: off } }';

export async function stage({ emulate, config }: SceneOptions): Promise<Scene> {
  const { path: directory, remove } = await temporaryDirectory();
  onTestFinished(remove);
  const emulator = await ending(startProgram(['emulate', '--port', '0', ...emulate]));
  const [baseUrl] = await emulator.line(/http:\/\/127\.0\.0\.1:\d+\/v1/);
  const file = join(directory, 'config.yaml');
  const state = JSON.stringify(join(directory, 'state.db'));
  const configure = (yaml: string) => writeFile(file, `${yaml}\nstorage: { path: ${state} }\n${QUIET}\n`);
  await configure(config);

  return {
    directory,
    configure,
    collector: async options => {
      const collector = await startCollector({ ...options, directory });
      await ending(Promise.resolve(collector.process));
      return collector;
    },
    loki: async options => {
      const loki = await startLoki({ ...options, directory });
      await ending(Promise.resolve(loki.process));
      return loki;
    },
    run: (endpoint, ...args) => {
      const env = {
        OPENAI_ADMIN_KEY: 'sk-admin-demo',
        OPENAI_BASE_URL: baseUrl,
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      };
      return ending(startProgram(['run', '--config', file, ...args], { env }));
    },
    listed: async () => {
      const answer = await fetch(new URL('/_emulator/events?whole=true', baseUrl));
      const lines = (await answer.text()).split('\n').filter(line => line !== '');
      return lines.map(line => JSON.parse(line));
    },
    control: async (what, body) => {
      const url = new URL(`/_emulator/${what}`, baseUrl);
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    },
  };
}

async function ending(starting: Promise<RunningProcess>): Promise<RunningProcess> {
  const running = await starting;
  onTestFinished(async () => void (await running.end('SIGKILL')));
  return running;
}
