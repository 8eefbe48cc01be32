import { type Clock, systemClock } from '../clock.ts';
import { Api } from './api.ts';
import { control } from './control.ts';
import { createEmulatedClock } from './emulated-clock.ts';
import type { Fault } from './fault.ts';
import type { Keys } from './keys.ts';
import { type Content, Organization } from './organization.ts';
import type { RateLimit } from './rate-limits.ts';
import type { EmulatedRequest, Reply } from './reply.ts';
import type { RequestLog } from './request-log.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

export const DEMO_KEY = 'sk-admin-demo';

export interface EmulatorOptions {
  readonly content: Content;
  /** What the organization's clock runs by. */
  readonly clock?: Clock;
  /** Where the organization's clock starts, Unix milliseconds; by default at the time of `clock`. */
  readonly startMs?: number;
  /** Events a minute from the start on; default 0. */
  readonly ratePerMinute?: number;
  /** May do everything; default {@link DEMO_KEY}. */
  readonly key?: string;
  readonly settings?: Partial<Settings>;
}

/** The emulated API without a network: `handle` is all of it, and everything else sets the scene. */
export interface Emulator {
  readonly organization: Organization;
  readonly keys: Keys;
  readonly requests: RequestLog;
  readonly settings: Readonly<Settings>;
  /** Answers for the API and, under `/_emulator/`, for its control. Never throws, never waits. */
  handle(request: EmulatedRequest): Reply;
  configure(settings: Partial<Settings>): void;
  addFaults(faults: readonly Fault[]): void;
  clearFaults(): void;
  pendingFaults(): readonly Fault[];
  /** `route` is a template, or `*` for each route that has no limit of its own; `undefined` lifts the limit. */
  limit(route: string, limit: RateLimit | undefined): void;
}

export function createEmulator(options: EmulatorOptions): Emulator {
  const base = options.clock ?? systemClock;
  const organization = new Organization(createEmulatedClock(base, options.startMs ?? base.nowMs()), options.content);
  const settings: Settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const api = new Api(organization, settings);
  api.keys.set(options.key ?? DEMO_KEY, 'all');
  organization.setRate(options.ratePerMinute ?? 0);
  const emulator: Emulator = {
    organization,
    keys: api.keys,
    requests: api.requests,
    settings,
    handle(request) {
      if (!isControl(request.target)) return api.answer(request);
      return { kind: 'answer', delayMs: 0, ...control(emulator, request.method, request.target, request.body ?? '') };
    },
    configure(change) {
      Object.assign(settings, change);
    },
    addFaults: faults => api.faults.add(faults, base.monotonicMs()),
    clearFaults: () => api.faults.clear(),
    pendingFaults: () => api.faults.pending(base.monotonicMs()),
    limit: (route, limit) => api.limits.set(route, limit),
  };
  return emulator;
}

/** Whether a path and query belong to the control of the emulator, which only its own machine may use. */
export function isControl(target: string): boolean {
  return target.startsWith('/_emulator');
}
