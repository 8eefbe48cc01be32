import { EVENT_TYPES, type KnownType } from '../../src/processor/event-types.ts';
import { RULED, rulesFor } from '../../src/processor/privacy-rules.ts';
import { CONDITIONS, WARNING } from '../../src/processor/severity.ts';
import { COLUMNS, type Filling } from './columns.ts';
import {
  inventoryGroups,
  type RegistryAttribute,
  type RegistryGroup,
  registryEvents,
  registryGroups,
} from './registry.ts';
import { code, table } from './table.ts';

const WARN = 13;

/** Every attribute, group by group. */
export function attributeTables(): string {
  return registryGroups()
    .map(group => groupText(group, ' *'))
    .join('\n\n');
}

/** The same of records about the inventory. */
export function inventoryAttributeTables(): string {
  return inventoryGroups()
    .map(group => groupText(group, ''))
    .join('\n\n');
}

function groupText({ title, brief, attributes }: RegistryGroup, own: string): string {
  const rows = attributes.map(attribute => [
    `${code(attribute.name)}${attribute.isStandard ? '' : own}`,
    attribute.type,
    [attribute.brief, attribute.note].filter(text => text !== undefined).join(' '),
    attribute.from,
    exampleText(attribute),
  ]);
  return [`### ${title}`, brief, table(['Attribute', 'Type', 'Meaning', 'From', 'Example'], rows)].join('\n\n');
}

function exampleText({ example, values }: RegistryAttribute): string {
  if (values.length > 0) return values.map(code).join(', ');
  return code(typeof example === 'string' ? example : JSON.stringify(example));
}

/** What is a warning, and what in a payload makes one. */
export function severityRule(): string {
  const conditions = Object.entries(CONDITIONS).map(([name, { says }]) => `- ${code(name)}: ${says}.`);
  const rule = WARNING.map(each => `- ${each}`);
  return [rule.join('\n'), 'The conditions:', conditions.join('\n')].join('\n\n');
}

/** Every known type of event. */
export function eventTypeTable(): string {
  const rows = Object.entries(EVENT_TYPES).map(([type, known]) => [
    code(type),
    known.target,
    severityText(known),
    known.readOnly ? 'yes' : '',
    known.says,
    known.details.map(code).join(' '),
  ]);
  const head = ['Type', 'Target', 'Severity', 'Read only', 'Summary: the actor ...', 'Documented details'];
  return table(head, rows);
}

function severityText({ severity, warnsWhen }: KnownType): string {
  if (severity >= WARN) return 'WARN';
  return warnsWhen === undefined ? 'INFO' : `INFO; WARN with ${code(warnsWhen)}`;
}

/** What the collector says of itself. */
export function ownEventTable(): string {
  const rows = registryEvents().map(({ name, brief, attributes }) => [
    code(name),
    brief,
    attributes.map(({ ref, requirement_level: level }) => `${code(ref)}${level === 'required' ? '' : ' ?'}`).join(', '),
  ]);
  return table(['Event', 'Says', 'Attributes (? only where it applies)'], rows);
}

/** The columns of the common normalised schema. */
export function columnTable(): string {
  return table(
    ['Column', 'Type', 'Filled by'],
    COLUMNS.map(({ name, type, filling }) => [code(name), type, fillingText(filling)]),
  );
}

function fillingText(filling: Filling): string {
  if ('attribute' in filling) return `attribute ${code(filling.attribute)}`;
  if ('resource' in filling) return `resource attribute ${code(filling.resource)}`;
  return 'field' in filling ? FIELDS[filling.field] : `empty: ${filling.empty}`;
}

const FIELDS = {
  Timestamp: '`Timestamp`',
  ObservedTimestamp: '`ObservedTimestamp`',
  EventName: '`EventName`',
  Body: '`Body`, as JSON text (`log.record.original` with `records.body: summary`)',
  'Body.actor': '`actor` of the `Body`, flattened with dots',
  Resource: 'all attributes of the resource, with those of `resource.attributes`',
} as const;

/** Names of the same things in ECS and OCSF. */
export function schemaTable(): string {
  const fields = [
    ['`Timestamp`', '`@timestamp`', '`time`'],
    ['`ObservedTimestamp`', '`event.created`', '`metadata.logged_time`'],
    ['`SeverityNumber`', '`event.severity`', '`severity_id`'],
    ['`Body`', '`event.original`', '`raw_data`'],
  ];
  const attributes = registryGroups()
    .flatMap(group => group.attributes)
    .filter(({ ecs, ocsf }) => ecs !== undefined || ocsf !== undefined)
    .map(({ name, ecs, ocsf }) => [
      code(name),
      ecs === undefined ? '' : code(ecs),
      ocsf === undefined ? '' : code(ocsf),
    ]);
  return table(['Here', 'ECS', 'OCSF'], [...fields, ...attributes]);
}

/** Attributes that a rule of `records.privacy` may name. */
export function privacyTable(): string {
  return table(
    ['Attribute', 'Rules'],
    Object.keys(RULED).map(name => [
      name === 'openai.audit.details' ? '`openai.audit.details`, and any part of it' : code(name),
      rulesFor(name)?.join(', ') ?? '',
    ]),
  );
}
