/** A table that a query may read. */
export interface Table {
  readonly name: string;
  /** What one row is. */
  readonly says: string;
  readonly columns: readonly Column[];
  /** Columns that tell one row from another; none where nothing comes twice. */
  readonly key: readonly string[];
  /** Columns that are held whatever a query reads. */
  readonly kept: readonly string[];
}

/** The same tables with the columns that are read: every other one would take room in each row. */
export function narrowed<T extends Table>(
  tables: readonly T[],
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): readonly T[] {
  return tables.map(table => {
    const isHeld = ({ name }: Column) => table.kept.includes(name) || (reads.get(table.name)?.has(name) ?? false);
    return { ...table, columns: table.columns.filter(isHeld) };
  });
}

export interface Column {
  readonly name: string;
  /** `JSON TEXT` is a text that is JSON; true and false are 1 and 0. */
  readonly type: 'TEXT' | 'INTEGER' | 'REAL' | 'ANY' | 'JSON TEXT';
  readonly says: string;
}

/** What a column of a row may hold. */
export type Cell = string | number | bigint | null;

export type Row = Readonly<Record<string, Cell | undefined>>;
