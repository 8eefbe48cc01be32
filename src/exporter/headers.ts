import { validateHeaderName, validateHeaderValue } from 'node:http';
import { ExitError } from '../errors.ts';

/** They frame the request or name its encoding: another value would make it unreadable. */
const OWN = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Throws ExitError for a header that cannot be sent, naming its key and never its value. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (OWN.has(name.toLowerCase())) throw bad(name, 'is set by the collector itself: remove it');
    try {
      validateHeaderName(name);
    } catch {
      throw bad(name, 'is no name of an HTTP header');
    }
    try {
      validateHeaderValue(name, value);
    } catch {
      throw bad(name, 'has a value that HTTP does not allow (a line break, or characters beyond Latin-1)');
    }
  }
}

function bad(name: string, problem: string): ExitError {
  return new ExitError('exporter-header-invalid', `exporter.headers.${name}: ${problem}`);
}
