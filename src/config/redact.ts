import type { Environment } from './environment.ts';
import type { Raw, RawOrganization } from './select.ts';

/** Shorter texts are words that a message may need. */
const SHORTEST_SECRET = 6;

/** The last net: no admin key, privacy key or header value leaves in a message, however it came to be in there. */
export function redact(
  message: string,
  [organizations, raw]: readonly [readonly RawOrganization[], Raw],
  env: Environment,
): string {
  const exporter = (raw.exporter ?? {}) as Raw;
  const headers = Array.isArray(exporter.headers) ? exporter.headers : [];
  const { privacy_key: privacyKey } = (raw.records ?? {}) as Raw;
  const secrets = [
    env.OPENAI_ADMIN_KEY,
    privacyKey,
    ...organizations.map(each => each.raw.admin_key),
    ...headers.map(secondOf),
  ]
    .map(secret => (typeof secret === 'string' ? secret.trim() : ''))
    .filter(secret => secret.length >= SHORTEST_SECRET);
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '[hidden]'), message)
    .replace(/sk-[\w-]{8,}/g, 'sk-[hidden]');
}

function secondOf(pair: unknown): unknown {
  return Array.isArray(pair) ? pair[1] : undefined;
}
