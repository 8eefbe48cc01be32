import { configurationReference, configurationTable } from '../../src/config/reference.ts';
import { fieldTable, listTable, relationTable, touchTable } from './inventory.ts';
import { metricTable } from './metrics.ts';
import type { Part } from './part.ts';
import { problemTable } from './problems.ts';
import { auditColumnTable, inventoryTableTable } from './query.ts';
import {
  attributeTables,
  columnTable,
  eventTypeTable,
  inventoryAttributeTables,
  ownEventTable,
  privacyTable,
  schemaTable,
  severityRule,
} from './records.ts';

const README = new URL('../../README.md', import.meta.url);
const CONFIGURATION = new URL('../../docs/configuration.md', import.meta.url);
const INVENTORY = new URL('../../docs/inventory.md', import.meta.url);
const ERRORS = new URL('../../docs/errors.md', import.meta.url);
const OPERATIONS = new URL('../../docs/operations.md', import.meta.url);
const QUERY = new URL('../../docs/query.md', import.meta.url);
const RECORDS = new URL('../../docs/records.md', import.meta.url);

/** Everything in the documents that is made from code or from the registry. */
export const PARTS: readonly Part[] = [
  { file: README, name: 'configuration', text: configurationTable() },
  { file: CONFIGURATION, name: 'configuration-reference', text: configurationReference() },
  { file: RECORDS, name: 'attributes', text: attributeTables() },
  { file: RECORDS, name: 'event-types', text: eventTypeTable() },
  { file: RECORDS, name: 'severity', text: severityRule() },
  { file: RECORDS, name: 'own-events', text: ownEventTable() },
  { file: RECORDS, name: 'privacy', text: privacyTable() },
  { file: RECORDS, name: 'columns', text: columnTable() },
  { file: RECORDS, name: 'schemas', text: schemaTable() },
  { file: ERRORS, name: 'problems', text: problemTable() },
  { file: QUERY, name: 'query-audit-logs', text: auditColumnTable() },
  { file: QUERY, name: 'query-inventory', text: inventoryTableTable() },
  { file: OPERATIONS, name: 'metrics', text: metricTable() },
  { file: INVENTORY, name: 'inventory-lists', text: listTable() },
  { file: INVENTORY, name: 'inventory-fields', text: fieldTable() },
  { file: INVENTORY, name: 'inventory-relations', text: relationTable() },
  { file: INVENTORY, name: 'inventory-events', text: touchTable() },
  { file: INVENTORY, name: 'inventory-attributes', text: inventoryAttributeTables() },
];
