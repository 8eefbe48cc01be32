import type { HttpAnswer, HttpRequest } from '../../../src/api/http.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { DEMO_KEY, type Emulator } from '../../../src/emulator/emulator.ts';
import { UNSEEN } from '../../../src/progress/progress.ts';
import { loadTables, openQuestion, type QueryPorts } from '../../../src/query/query.ts';
import { emulatedAnswer } from '../../support/emulated-client.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

export interface Asking {
  readonly pushesDown?: boolean;
  readonly config?: Partial<Pick<Config, 'organizations' | 'records'>>;
  readonly agree?: QueryPorts['agree'];
  /** What becomes of an answer on its way. */
  readonly through?: (answer: HttpAnswer, url: URL) => HttpAnswer;
  readonly startMs?: number;
}

export interface Asked {
  readonly rows: readonly (readonly unknown[])[];
  /** Paths with their queries, in order. */
  readonly requests: readonly URL[];
  readonly notes: readonly string[];
}

/** What a query answers in front of an emulator, without a network and without waiting. */
export async function ask(emulator: Emulator, sql: string, asking: Asking = {}): Promise<Asked> {
  const { pushesDown = true, agree = async () => true, through = answer => answer } = asking;
  const clock = createFakeClock({ auto: true, startMs: asking.startMs ?? emulator.organization.clock.nowMs() });
  const { statement, database } = openQuestion(sql, clock.nowMs());
  const requests: URL[] = [];
  const notes: string[] = [];
  const http = {
    get: async (request: HttpRequest) => {
      const url = new URL(request.url);
      requests.push(url);
      return through(emulatedAnswer(emulator, request), url);
    },
    close: async () => undefined,
  };
  const ports: QueryPorts = {
    clock,
    random: () => 0.5,
    http,
    userAgent: 'test',
    progress: UNSEEN,
    learned: async () => undefined,
    agree,
    note: text => notes.push(text),
  };
  try {
    const { config } = await loadConfig({
      env: { OPENAI_ADMIN_KEY: DEMO_KEY, OPENAI_BASE_URL: 'http://127.0.0.1/v1' },
    });
    await loadTables(
      { statement, database, config: { ...config, ...asking.config }, ports, pushesDown },
      new AbortController().signal,
    );
    return { rows: statement.statement.all() as unknown as Asked['rows'], requests, notes };
  } finally {
    database.close();
  }
}

/** The requests to the audit log, as what they ask for. */
export function auditRequests({ requests }: Asked): readonly Readonly<Record<string, readonly string[]>>[] {
  return requests
    .filter(({ pathname }) => pathname.endsWith('/audit_logs'))
    .map(({ searchParams }) =>
      Object.fromEntries([...new Set(searchParams.keys())].map(key => [key, searchParams.getAll(key)])),
    );
}
