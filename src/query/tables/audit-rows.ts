import type { ListedEvent } from '../../api/audit-log.ts';
import type { Config } from '../../config/config.ts';
import { parseExactly } from '../../exact-json.ts';
import { createAuditLogProcessor } from '../../processor/audit-log.ts';
import type { Value } from '../../record.ts';
import type { AuditSource } from '../reading/audit-source.ts';
import { auditRows } from './audit-table.ts';
import type { Row } from './table.ts';

/** Makes rows of listed events as the collector would make records of them: severity and privacy are those of the configuration. */
export function createAuditRows(
  config: Pick<Config, 'organizations' | 'records'>,
  columns: ReadonlySet<string>,
): (event: ListedEvent, source: Pick<AuditSource, 'organization' | 'stream'>) => Row {
  const process = createAuditLogProcessor({
    ...config.records,
    organizations: config.organizations,
    resourceAttributes: {},
    body: 'event',
  });
  const rowOf = auditRows(columns);
  return ({ uid, effectiveAt, timeIsNeighbours, text }, { organization, stream }) => {
    const seen = { uid, organization, stream, effectiveAt, timeIsNeighbours, event: parseExactly(text) };
    const record = process({ ...seen, way: 'query', delivery: 'live', observedAtMs: 0 });
    return rowOf({ ...seen, record, event: (record.body ?? null) as Value });
  };
}
