import { label, quotable } from './quotable.ts';

/** `service account bot`: by its name, else by its id. */
export function thing(words: string, id: string | undefined, name: string | undefined): string | undefined {
  const told = label(name) ?? quotable(id);
  return told === undefined ? undefined : `${words} ${told}`;
}

export function phrase(words: string, value: string | undefined): string | undefined {
  return thing(words, value, undefined);
}
