import type { Session } from './connection.ts';
import type { ParkedReason } from './storage.ts';

const TABLES = { event: 'parked', statement: 'statement', inventory: 'inventory_change' } as const;

/** SQLite takes `message` from the row that has the maximum. */
const COUNTED = 'reason, count(*) AS records, message, max(parked_at_ms) AS parkedAtMs';

export function listParkedReasons(session: Session, organization: number): ParkedReason[] {
  return (['event', 'statement', 'inventory'] as const).flatMap(kind => {
    const from = `FROM ${TABLES[kind]} WHERE organization = ? AND reason IS NOT NULL GROUP BY reason ORDER BY reason`;
    const rows = session.all<Omit<ParkedReason, 'kind'>>(`SELECT ${COUNTED} ${from}`, organization);
    return rows.map(({ reason, records, message }) => ({ kind, reason, records, message }));
  });
}
