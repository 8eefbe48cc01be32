import { label, quotable } from './quotable.ts';
import type { Target } from './target.ts';

/** `API key key_1`, `group group_1 named "Platform"`, `user ada@example.com`, or `an API key` when nothing says which. */
export function targetPhrase({ type, ids, name }: Target): string {
  const noun = nounOf(type);
  if (ids.length > 1) return severalPhrase(type, ids);
  if (name !== undefined && MAIL_ADDRESS.test(name)) return `${noun} ${label(name)}`;
  const id = quotable(ids[0]);
  const known = id === undefined ? `${/^(?:[aeio]|SSO)/i.test(noun) ? 'an' : 'a'} ${noun}` : `${noun} ${id}`;
  const called = quotable(name);
  return called === undefined ? known : `${known} named "${called}"`;
}

/** `certificates gateway, "front door" and 2 more`, or `certificates` when nothing says which. */
export function severalPhrase(kind: string, called: readonly unknown[]): string {
  const nouns = nounOf(kind).replace(/y$/, 'ie').concat('s');
  const told = quotable(called);
  return told === undefined ? nouns : `${nouns} ${told}`;
}

/** Nobody else has it: better than an id. */
const MAIL_ADDRESS = /^[^\s@]+@[^\s@]+$/;

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['api', 'API'],
  ['chatgpt', 'ChatGPT'],
  ['entra', 'Entra'],
  ['ip', 'IP'],
  ['microsoft', 'Microsoft'],
  ['scim', 'SCIM'],
  ['sso', 'SSO'],
]);

/** The kind in words: `ip_allowlist` is an `IP allowlist`. */
export function nounOf(kind: string): string {
  const words = kind.split('_').map(word => SPELLINGS.get(word) ?? word);
  return words.join(' ');
}
