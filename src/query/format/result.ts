/** What a query shows, row by row. */
export interface Result {
  readonly columns: readonly ResultColumn[];
  readonly rows: Iterable<readonly unknown[]>;
}

export interface ResultColumn {
  readonly name: string;
  /** Its cells are JSON texts. */
  readonly isJson: boolean;
}

/** Writes a result, piece by piece. */
export type Format = (result: Result, terminal: Terminal) => Iterable<string>;

/** What is known of where it is written to. */
export interface Terminal {
  /** A person looks at it: nothing of what others said may move the cursor. */
  readonly isTerminal: boolean;
  /** Characters of a line; undefined where there is no end. */
  readonly columns: number | undefined;
}

/** A cell for a person; nothing for NULL. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  return String(value);
}
