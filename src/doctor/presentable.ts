import type { Config } from '../config/config.ts';
import { createRedact } from '../exporter/redact.ts';
import type { Finding, Result } from './check.ts';

/** A backend's answer to hundreds of records names each. */
const LONGEST_TEXT = 400;

/** The findings without secrets, and with nothing in foreign words that could steer a terminal. */
export function presentable(findings: readonly Finding[], config: Config): readonly Finding[] {
  const keys = config.organizations.map(({ adminKey }) => adminKey);
  const redact = createRedact([...keys, ...Object.values(config.exporter.headers)]);
  const clean = (text: string) => {
    const plain = redact(text)
      .replace(/[\p{Cc}\p{Cf}\s\u2028\u2029]+/gu, ' ')
      .trim();
    return plain.length > LONGEST_TEXT ? `${plain.slice(0, LONGEST_TEXT)}...` : plain;
  };
  return findings.map(({ group, result, ...finding }) => ({
    group: clean(group),
    ...finding,
    result: cleaned(result, clean),
  }));
}

function cleaned(result: Result, clean: (text: string) => string): Result {
  if (result.mark === 'ok') return result.says === undefined ? result : { ...result, says: clean(result.says) };
  if (result.mark === 'skipped') return { ...result, cause: clean(result.cause) };
  return { ...result, cause: clean(result.cause) };
}
