import type { Clock } from './clock.ts';

/** What may stand beside a message: plain facts, never event content, never a secret. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type Level = (typeof LEVELS)[number];

/** The collector's own log. Only loops and commands log; everything below them returns or throws. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A logger that adds these fields to every line. */
  with(fields: Fields): Logger;
}

export interface LoggerOptions {
  /** Lines below it are not written. */
  readonly level: Level;
  readonly format: 'json' | 'text';
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Takes one line with its end, free of control characters. */
  readonly write: (line: string) => void;
}

/** `auto` is text for a person at a terminal, and JSON for whatever else reads. */
export function logFormat(configured: 'auto' | 'json' | 'text', isTerminal: boolean): 'json' | 'text' {
  if (configured !== 'auto') return configured;
  return isTerminal ? 'text' : 'json';
}

export function createLogger(options: LoggerOptions, fixed: Fields = {}): Logger {
  const line = options.format === 'json' ? jsonLine : textLine;
  const least = LEVELS.indexOf(options.level);
  const log = (level: Level) => (message: string, fields?: Fields) => {
    if (LEVELS.indexOf(level) < least) return;
    const time = new Date(options.clock.nowMs()).toISOString();
    options.write(`${line(time, level, message, { ...fixed, ...fields })}\n`);
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: fields => createLogger(options, { ...fixed, ...fields }),
  };
}

/** `time`, `level` and `message` come first and are the line's own, whatever the fields are called. */
function jsonLine(time: string, level: Level, message: string, fields: Fields): string {
  const own = { time, level, message };
  return escapeControls(JSON.stringify({ ...own, ...fields, ...own }));
}

function textLine(time: string, level: Level, message: string, fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${textValue(value)}`],
  );
  return escapeControls([time, level.toUpperCase().padEnd(5), message, ...pairs].join(' '));
}

function textValue(value: string | number | boolean): string {
  return typeof value === 'string' && (value === '' || /[\s"=]/.test(value)) ? JSON.stringify(value) : String(value);
}

/** C0, DEL and C1 (terminal escapes, forged lines), line separators, and the marks that reorder text on a screen. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** As \uXXXX, which keeps JSON valid. */
function escapeControls(text: string): string {
  return text.replace(CONTROLS, each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
