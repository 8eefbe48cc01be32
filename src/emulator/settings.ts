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
  /** What `after` or `before` with something that is gone means: its old place, an error, or nothing more to list. */
  vanishedCursor: 'place' | 400 | 404 | 'empty';
  /** Whether a parameter that the API does not document is an error. It is not known what the API does. */
  unknownParameters: 'reject' | 'ignore';
  /** Whether the list of admin keys holds the projects' keys too, in the guise of admin keys, as the API's does. */
  adminKeysHoldProjectKeys: boolean;
  /** Whether service accounts of old, whose ids are like those of users, stand among the users too. */
  accountsAmongUsers: boolean;
  /** What the organization's plan lacks: routes of these families answer with `missingStatus`. */
  missingFamilies: readonly string[];
  missingStatus: 403 | 404;
}

export const DEFAULT_SETTINGS: Readonly<Settings> = {
  latencyMs: 0,
  jitterMs: 0,
  order: 'descending',
  tenantInBoth: false,
  auditLogging: true,
  vanishedCursor: 'place',
  unknownParameters: 'reject',
  adminKeysHoldProjectKeys: true,
  accountsAmongUsers: false,
  missingFamilies: [],
  missingStatus: 403,
};
