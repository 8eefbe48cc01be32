import type { AuditLogsConfig } from '../../src/config/config.ts';

/** Both streams from 1970 on, settled at once, nothing read again: tests change what they are about. */
export const AUDIT_LOGS: AuditLogsConfig = {
  enabled: true,
  streams: ['organization', 'tenant'],
  pollIntervalMs: 30_000,
  settleMs: 0,
  startFrom: { text: '1970-01-01T00:00:00Z', kind: 'instant', atMs: 0 },
  reverify: [],
  excludeTypes: [],
};
