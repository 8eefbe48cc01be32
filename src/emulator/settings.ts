import type { Order } from './listing.ts';

/** What can be changed about the API while it runs. */
export interface Settings {
  /** Every answer comes so much later, and at random up to `jitterMs` more. */
  latencyMs: number;
  jitterMs: number;
  order: Order;
  /** Whether tenant events stand in the default listing too. */
  tenantInBoth: boolean;
  /** Off: the organization never switched audit logging on, and its list is empty. */
  auditLogging: boolean;
  /** What `after` or `before` with an event that is gone means: its old place, an error, or nothing more to list. */
  vanishedCursor: 'place' | 400 | 404 | 'empty';
  /** Whether a parameter that the API does not document is an error. It is not known what the API does. */
  unknownParameters: 'reject' | 'ignore';
}

export const DEFAULT_SETTINGS: Readonly<Settings> = {
  latencyMs: 0,
  jitterMs: 0,
  order: 'descending',
  tenantInBoth: false,
  auditLogging: true,
  vanishedCursor: 'place',
  unknownParameters: 'reject',
};
