/** What may stand beside a message: plain facts, never event content, never a secret. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** The collector's own log. Only loops and commands log; everything below them returns or throws. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A logger that adds these fields to every line. */
  with(fields: Fields): Logger;
}
