/** What outlives a restart of one route's limiter. Times are wall-clock milliseconds. */
export interface KeptLimit {
  readonly sure?: number;
  readonly ceiling?: number;
  readonly failures?: number;
  readonly untilMs?: number;
  readonly askAtMs?: number;
}

/** The note under which the state keeps them, so that a restart does not run into the limits again. */
export function limitsNote(organization: string): string {
  return `limits/${organization}`;
}

const FIELDS = ['sure', 'ceiling', 'failures', 'untilMs', 'askAtMs'] as const;

export function formatLearned(limits: ReadonlyMap<string, KeptLimit>): string {
  return JSON.stringify({ version: 1, routes: Object.fromEntries(limits) });
}

/** Whatever of the text makes sense; nothing of it has to. */
export function parseLearned(text: string | undefined): ReadonlyMap<string, KeptLimit> {
  const learned = asObject(parseJson(text));
  if (learned.version !== 1) return new Map();
  return new Map(Object.entries(asObject(learned.routes)).map(([route, kept]) => [route, keptLimit(asObject(kept))]));
}

function keptLimit(fields: Readonly<Record<string, unknown>>): KeptLimit {
  const numbers = FIELDS.flatMap(name => {
    const value = fields[name];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? [[name, value] as const] : [];
  });
  return Object.fromEntries(numbers);
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
