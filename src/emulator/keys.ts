import { ApiError } from './api-error.ts';

/** What a key may do: everything, or what its scopes name. */
export type Scopes = 'all' | readonly string[];

/** The keys of the organization. A key that was taken away is as unknown as one that never was. */
export class Keys {
  readonly #scopes = new Map<string, Scopes>();

  set(key: string, scopes: Scopes): void {
    this.#scopes.set(key, scopes);
  }

  revoke(key: string): void {
    this.#scopes.delete(key);
  }

  /** Throws a 401 when `authorization` (the header) names no key of the organization, a 403 when the key lacks the scope. */
  check(authorization: string | undefined, scope: string): void {
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) throw new ApiError(401, NO_KEY);
    const scopes = this.#scopes.get(key);
    if (scopes === undefined) throw new ApiError(401, wrongKey(key), { code: 'invalid_api_key' });
    if (scopes !== 'all' && !scopes.includes(scope)) throw new ApiError(403, missingScope(scope));
  }
}

const NO_KEY =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
  '(i.e. Authorization: Bearer YOUR_KEY).';

function wrongKey(key: string): string {
  const shown =
    key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}` : '*'.repeat(key.length);
  return `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`;
}

function missingScope(scope: string): string {
  return (
    `You have insufficient permissions for this operation. Missing scopes: ${scope}. Check that you have the correct ` +
    "role in your organization, and if you're using a restricted API key, that it has the necessary scopes."
  );
}
