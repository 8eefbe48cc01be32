import { AUDIT_LOGS } from '../../src/query/tables/audit-table.ts';
import { INVENTORY_TABLES } from '../../src/query/tables/inventory-table.ts';
import { code, table } from './table.ts';

/** The columns that every event has: one row each. */
export function auditColumnTable(): string {
  const columns = AUDIT_LOGS.columns.filter(({ name }) => !name.includes('.'));
  return table(
    ['Column', 'Type', 'What it is'],
    columns.map(({ name, type, says }) => [code(name), type.replace(' TEXT', ''), says]),
  );
}

/** One row for each table of the inventory. */
export function inventoryTableTable(): string {
  return table(
    ['Table', 'One row is a', 'Columns besides `organization` and `raw`'],
    INVENTORY_TABLES.map(({ name, says, columns }) => [
      code(name),
      says,
      columns
        .map(column => column.name)
        .filter(column => column !== 'organization' && column !== 'raw')
        .map(code)
        .join(', '),
    ]),
  );
}
