/** Shorter values (a tenant called `1`) are no secrets, and hiding them would make every text unreadable. */
const SHORTEST_SECRET = 4;
const SHORTEST_PART = 8;

/** Takes header values out of whatever a backend says, also when it repeats only the token of `Bearer <token>`. */
export type Redact = (text: string) => string;

export function createRedact(values: Iterable<string>): Redact {
  const secrets = new Set<string>();
  for (const value of values) {
    for (const secret of [value, ...parts(value)]) for (const form of spellings(secret)) secrets.add(form);
  }
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return text => longestFirst.reduce((safe, secret) => safe.replaceAll(secret, '[redacted]'), text);
}

function parts(value: string): string[] {
  const words = value.split(/[\s,;]+/);
  const basic = /^basic\s+(\S+)$/i.exec(value)?.[1];
  const credentials = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  return [...words, ...credentials].filter(part => part.length >= SHORTEST_PART);
}

/** As itself, inside JSON, inside a URL. */
function spellings(secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed.length < SHORTEST_SECRET) return [];
  return [trimmed, JSON.stringify(trimmed).slice(1, -1), encodeURIComponent(trimmed.toWellFormed())];
}
