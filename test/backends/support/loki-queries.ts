/** One line as Loki gives it back. */
export interface LokiRow {
  /** Unix seconds. */
  readonly timestamp: number;
  readonly line: string;
  /** Index labels and structured metadata together; all values are texts in Loki. */
  readonly labels: Readonly<Record<string, string>>;
  /** Label `log_record_uid`, empty when there is none. */
  readonly uid: string;
}

/** The `data` of an answer of the query API. */
export interface LokiAnswer {
  readonly resultType: 'streams' | 'vector' | 'matrix' | 'scalar';
  readonly result: readonly {
    readonly stream?: Readonly<Record<string, string>>;
    readonly metric?: Readonly<Record<string, string>>;
    readonly values?: readonly (readonly [string | number, string])[];
    readonly value?: readonly [number, string];
  }[];
}

/** Loki answers at most so many lines at once in the shipped configuration, and in one that nobody touched. */
const PAGE = 5_000;
const DAY_MS = 86_400_000;
/** As far as an untouched Loki goes in one query. */
const WINDOW_MS = 30 * DAY_MS;
const NANOSECONDS = 1_000_000n;

/** The query API of the Loki at `url`. */
export function lokiQueries(url: string) {
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  const ask = async (kind: 'query' | 'query_range', parameters: Record<string, string>): Promise<LokiAnswer> => {
    const { data } = (await get(`/loki/api/v1/${kind}?${new URLSearchParams(parameters)}`)) as { data: LokiAnswer };
    return data;
  };
  const rowsBetween = async (query: string, fromMs: number, toMs: number): Promise<readonly LokiRow[]> => {
    const parameters = { query, start: nanoseconds(fromMs), end: nanoseconds(toMs), limit: String(PAGE) };
    const rows = rowsOf(await ask('query_range', parameters));
    if (rows.length < PAGE) return rows;
    const middleMs = Math.floor((fromMs + toMs) / 2);
    if (middleMs <= fromMs) throw new Error(`${PAGE} lines within a millisecond`);
    return [...(await rowsBetween(query, fromMs, middleMs)), ...(await rowsBetween(query, middleMs, toMs))];
  };

  return {
    get,
    instant: (query: string) => ask('query', { query, time: nanoseconds(Date.now()) }),
    range: (query: string, hours: number) => {
      const nowMs = Date.now();
      const start = nanoseconds(nowMs - hours * 3_600_000);
      return ask('query_range', {
        query,
        start,
        end: nanoseconds(nowMs),
        step: `${Math.ceil(hours * 36)}s`,
        limit: '1000',
      });
    },
    count: async (query: string, days: number) => {
      const { result } = await ask('query', {
        query: `sum(count_over_time(${query} [${days}d]))`,
        time: nanoseconds(Date.now()),
      });
      return Number(result[0]?.value?.[1] ?? 0);
    },
    rows: async (query: string, days = 30) => {
      const rows: LokiRow[] = [];
      const endMs = Date.now() + DAY_MS;
      for (let fromMs = endMs - (days + 1) * DAY_MS; fromMs < endMs; fromMs += WINDOW_MS) {
        rows.push(...(await rowsBetween(query, fromMs, Math.min(fromMs + WINDOW_MS, endMs))));
      }
      return rows.sort((a, b) => a.timestamp - b.timestamp);
    },
    discarded: async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const found = text.matchAll(/^loki_discarded_samples_total\{.*reason="(\w+)".*\} ([\d.e+]+)$/gm);
      const counts: Record<string, number> = {};
      for (const [, reason = '', count] of found) counts[reason] = (counts[reason] ?? 0) + Number(count);
      return counts;
    },
  };
}

function rowsOf({ result }: LokiAnswer): LokiRow[] {
  return result.flatMap(({ stream = {}, values = [] }) =>
    values.map(([time, line]) => ({
      timestamp: Number(BigInt(time) / NANOSECONDS) / 1000,
      line,
      labels: stream,
      uid: stream.log_record_uid ?? '',
    })),
  );
}

function nanoseconds(ms: number): string {
  return String(BigInt(Math.floor(ms)) * NANOSECONDS);
}
