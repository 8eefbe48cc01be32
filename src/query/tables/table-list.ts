import { wrapped } from '../../wrapped.ts';
import type { Table } from './table.ts';

/** Columns that are called like a type of event are told of together. */
const OF_TYPES = /\./;

/** Tables and their columns, for a person. */
export function tableList(tables: readonly Table[], width: number): string {
  return tables.map(table => tableText(table, width)).join('\n');
}

function tableText({ name, says, columns }: Table, width: number): string {
  const plain = columns.filter(column => !OF_TYPES.test(column.name));
  const [longest, widestType] = [
    Math.max(...plain.map(column => column.name.length)),
    Math.max(...plain.map(({ type }) => shown(type).length)),
  ];
  const lines = plain.flatMap(column => {
    const lead = `  ${column.name.padEnd(longest)}  ${shown(column.type).padEnd(widestType)}  `;
    return wrapped(column.says, width, lead);
  });
  const types = columns.length - plain.length;
  const more = `and ${types} columns that are called like a type of event and hold its payload, such as "api_key.created"`;
  return [
    ...wrapped(`${name}: ${says}`, width),
    ...lines,
    ...(types > 0 ? wrapped(more, width - 2, '  ') : []),
    '',
  ].join('\n');
}

function shown(type: string): string {
  if (type === 'ANY') return '';
  return type === 'JSON TEXT' ? 'JSON' : type;
}
