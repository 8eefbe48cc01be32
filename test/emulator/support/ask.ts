import { createEmulator, DEMO_KEY, type Emulator, type EmulatorOptions } from '../../../src/emulator/emulator.ts';
import type { Message, Reply } from '../../../src/emulator/reply.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

export const START_MS = Date.parse('2026-11-22T12:00:00Z');
export const START_S = START_MS / 1000;

export interface Listed {
  readonly id: string;
  readonly type: string;
  readonly effective_at: number;
  readonly [key: string]: unknown;
}

export interface List {
  readonly object: string;
  readonly data: readonly Listed[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/** An organization without events on a clock that stands still. */
export function emulate(options: Partial<EmulatorOptions> = {}): {
  readonly emulator: Emulator;
  readonly clock: FakeClock;
} {
  const clock = createFakeClock({ startMs: START_MS });
  return { clock, emulator: createEmulator({ clock, content: { kind: 'events', events: [] }, ...options }) };
}

/** An event `agoS` seconds old. */
export function event(id: string, agoS: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { object: 'organization.audit_log', id, type: 'login.succeeded', effective_at: START_S - agoS, ...more };
}

export function reply(emulator: Emulator, path: string, key = DEMO_KEY): Reply {
  return emulator.handle({ method: 'GET', target: `/v1${path}`, headers: { authorization: `Bearer ${key}` } });
}

/** The answer, which must be whole. */
export function answer(emulator: Emulator, path: string, key = DEMO_KEY): Message {
  const given = reply(emulator, path, key);
  if (given.kind !== 'answer') throw new Error(`expected an answer, got ${given.kind}`);
  return given;
}

export function list(emulator: Emulator, query = ''): List {
  const { status, body } = answer(emulator, `/organization/audit_logs?${query}`);
  if (status !== 200) throw new Error(`${status} ${body}`);
  return JSON.parse(body);
}

export function ids(page: List): string[] {
  return page.data.map(({ id }) => id);
}

/** What every page of a listing holds, following `after`. */
export function walk(emulator: Emulator, query = ''): Listed[] {
  const all: Listed[] = [];
  let page = list(emulator, query);
  all.push(...page.data);
  while (page.has_more) {
    page = list(emulator, `${query}&after=${page.last_id}`);
    all.push(...page.data);
  }
  return all;
}

export function error(emulator: Emulator, path: string, key = DEMO_KEY): { status: number; [field: string]: unknown } {
  const { status, body } = answer(emulator, path, key);
  return { status, ...JSON.parse(body).error };
}

/** POSTs to the control; the status and the parsed body. */
export function post(
  emulator: Emulator,
  path: string,
  body: unknown,
): { status: number; body: Record<string, unknown> } {
  const target = `/_emulator/${path}`;
  const given = emulator.handle({ method: 'POST', target, headers: {}, body: JSON.stringify(body) });
  if (given.kind !== 'answer') throw new Error(`expected an answer, got ${given.kind}`);
  return { status: given.status, body: JSON.parse(given.body) };
}
