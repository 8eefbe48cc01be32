import { quotable } from './quotable.ts';
import type { Target } from './target.ts';

/** `API key key_1`, or `an API key` when nothing says which. */
export function targetPhrase(target: Target): string {
  const noun = nounOf(target.type);
  const id = quotable(target.id);
  return id === undefined ? `${/^(?:[aeio]|SSO)/i.test(noun) ? 'an' : 'a'} ${noun}` : `${noun} ${id}`;
}

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
