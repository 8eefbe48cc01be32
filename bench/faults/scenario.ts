import type { Settings } from '../../src/emulator/settings.ts';
import type { World } from './world.ts';

/** What other collectors did under the same fault, as it was measured elsewhere. */
export interface Peers {
  readonly worst: string;
  readonly failed: string;
}

/** A fault, and what the collector may do about it at most. It may never lose an event. */
export interface Scenario {
  readonly name: string;
  /** As the table has it. */
  readonly fault: string;
  readonly peers?: Peers;
  /** Keys of `audit_logs` besides a `poll_interval` of 1 s. */
  readonly auditLogs?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<Settings>;
  /** How far the API's clock is ahead. */
  readonly aheadMs?: number;
  /** Repetitions: one batch for each attempt whose outcome stayed unknown. Default 0. */
  readonly mostDoubled?: number;
  /** How late an event may be that happens while the collector runs. */
  readonly mostDelayMs?: number;
  readonly mostRequests?: number;
  play(world: World): Promise<void>;
}

/** Records in a batch: what one attempt without an outcome may double. */
export const BATCH = 100;
