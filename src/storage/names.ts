import type { Session } from './connection.ts';
import { sealRows } from './seal.ts';

const TABLES = {
  organization: {
    find: 'SELECT id FROM organization WHERE name = ?',
    add: 'INSERT INTO organization (name) VALUES (?)',
  },
  event_type: {
    find: 'SELECT id FROM event_type WHERE name = ?',
    add: 'INSERT INTO event_type (name) VALUES (?)',
  },
} as const;

/** The small integer that stands for a name; undefined when nothing was ever stored under it. */
export function findName(session: Session, table: keyof typeof TABLES, name: string): number | undefined {
  const key = `${table}/${name}`;
  const known = session.names.get(key);
  if (known !== undefined) return known;
  const id = session.get<{ id: number }>(TABLES[table].find, name)?.id;
  if (id !== undefined) session.names.set(key, id);
  return id;
}

/** Same, given out when it is new; inside a write only. */
export function internName(session: Session, table: keyof typeof TABLES, name: string): number {
  const known = findName(session, table, name);
  if (known !== undefined) return known;
  session.run(TABLES[table].add, name);
  sealRows(session, table, 'name = ?', name);
  return internName(session, table, name);
}
