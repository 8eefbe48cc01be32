/** Where the values of references come from. `readFile` rejects when it cannot. */
export interface References {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

export type Substitution =
  | { readonly text: string; readonly replaced: boolean }
  | { readonly faults: readonly string[] };

const REFERENCE = /\$\$|\$\{([^}]*)(\}?)/g;
const VARIABLE = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/**
 * Replaces `${env:NAME}`, `${NAME}`, `${NAME:-default}` and `${file:/path}`, and `$$` by a dollar. What was put in is not
 * looked at again. An empty variable counts as unset. Faults name variables and files, never a value.
 */
export async function substitute(text: string, references: References): Promise<Substitution> {
  const faults: string[] = [];
  const parts: string[] = [];
  let end = 0;
  let replaced = false;
  for (const match of text.matchAll(REFERENCE)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[0] === '$$') {
      parts.push('$');
      continue;
    }
    replaced = true;
    const resolved = match[2] === '' ? { fault: MALFORMED } : await resolve(match[1] ?? '', references);
    if ('fault' in resolved) faults.push(resolved.fault);
    else parts.push(resolved.value);
  }
  parts.push(text.slice(end));
  return faults.length > 0 ? { faults } : { text: parts.join(''), replaced };
}

type Resolved = { readonly value: string } | { readonly fault: string };

/** Says nothing of what stood there: it may be a secret in the wrong place. */
const MALFORMED = `holds a \${...} that is no reference; write \${env:NAME}, \${NAME:-default} or \${file:/path}, or $$ for a dollar sign`;

async function resolve(reference: string, { env, readFile }: References): Promise<Resolved> {
  if (reference.startsWith('file:')) return resolveFile(reference.slice('file:'.length), readFile);
  const [, name, fallback] = VARIABLE.exec(reference) ?? [];
  if (name === undefined) return { fault: MALFORMED };
  const value = env[name] === '' ? fallback : (env[name] ?? fallback);
  if (value !== undefined) return { value };
  const state = env[name] === '' ? 'empty' : 'not set';
  return { fault: `the environment variable ${name} is ${state}; set it, or write \${${name}:-default}` };
}

async function resolveFile(path: string, readFile: References['readFile']): Promise<Resolved> {
  if (path === '') return { fault: MALFORMED };
  try {
    return { value: (await readFile(path)).replace(/\r?\n$/, '') };
  } catch (error) {
    return { fault: `the file ${path} cannot be read (${readFailure(error)})` };
  }
}

/** Why a file could not be read, in a few words. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  return READ_FAILURES[code] ?? code;
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};
