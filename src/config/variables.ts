import { isNot, type Reading } from './format.ts';

/** Both variables of one exporter option, the one for logs first. */
export function exporterVariables(option: string): readonly string[] {
  return [`OTEL_EXPORTER_OTLP_LOGS_${option}`, `OTEL_EXPORTER_OTLP_${option}`];
}

/** OpenTelemetry's timeouts are bare milliseconds. */
export function fromMilliseconds(text: string): Reading<unknown> {
  return /^\d+$/.test(text)
    ? { value: `${text}ms` }
    : isNot(text, 'is not a number of milliseconds; write for example 10000');
}

/** `name=value,name2=value2`, percent-encoded. */
export function fromPairs(text: string): Reading<unknown> {
  const pairs: (readonly [string, string])[] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const pair = decodePair(part);
    if (pair === undefined)
      return isNot(text, 'is not a list of pairs; write name=value,name2=value2, percent-encoded');
    pairs.push(pair);
  }
  return { value: pairs };
}

function decodePair(part: string): readonly [string, string] | undefined {
  const equals = part.indexOf('=');
  const name = decode(part.slice(0, Math.max(equals, 0)));
  const value = decode(part.slice(equals + 1));
  return name === undefined || name === '' || value === undefined ? undefined : [name, value];
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}

/** The levels that OpenTelemetry SDKs know, as the nearest one here. */
const LEVELS: Readonly<Record<string, string>> = { all: 'debug', verbose: 'debug', none: 'error' };

export function fromLevel(text: string): Reading<unknown> {
  const level = text.toLowerCase();
  return { value: Object.hasOwn(LEVELS, level) ? LEVELS[level] : level };
}
