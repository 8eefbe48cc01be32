import type { Value } from '../record.ts';
import type { Actor } from './actor.ts';
import type { EventType } from './event-type.ts';
import { textAt } from './json.ts';
import { predicateOf } from './predicate.ts';
import { label, quotable } from './quotable.ts';
import type { Resources } from './resources.ts';
import type { Target } from './target.ts';
import { nounOf } from './target-phrase.ts';
import { phrase, thing } from './thing.ts';

/** What a summary speaks of. */
export interface Told {
  readonly type: EventType;
  readonly actor: Actor;
  readonly project: { readonly id: string | undefined; readonly name: string | undefined };
  readonly target: Target | undefined;
  readonly resources: Resources;
  readonly payload: Value | undefined;
  /** What a thing that the event mentions is called, by its id. */
  readonly called: (id: string) => string | undefined;
}

/** One sentence: who did what to what, where, by what means, from where, and why it failed. */
export function summaryOf(told: Told): string {
  const did = predicateOf(told);
  const parts = [who(told.actor), did, besides(told, did), inProject(told, did), using(told.actor), from(told.actor)];
  return parts.filter(part => part !== undefined).join(' ') + because(told);
}

function who(actor: Actor): string {
  const { user, serviceAccountId, serviceAccountName, apiKey } = actor;
  const person = quotable(user.email) ?? label(user.fullName) ?? quotable(user.id);
  const account = thing('service account', serviceAccountId, serviceAccountName);
  return person ?? account ?? thing('API key', apiKey.id, apiKey.name) ?? otherActor(actor) ?? 'Somebody';
}

/** `workload identity wi_1`, `SCIM`; nothing for one of whom only the form is known. */
function otherActor({ type, id }: Actor): string | undefined {
  if (type === undefined || ['session', 'api_key', 'user'].includes(type)) return quotable(id);
  if (type === 'system') return 'The system';
  return phrase(nounOf(type), id) ?? quotable(nounOf(type));
}

const MOST_OF_MANY = 5;

/** `(user user-1, workspace ws-1)`: what else the event names by an id. */
function besides({ target, resources, project, actor, called }: Told, did: string): string | undefined {
  if (resources.kinds.size <= (target?.ids.length ?? 0)) return undefined;
  const known = new Set([...(target?.ids ?? []), project.id, actor.id]);
  const others = Array.from(resources.kinds).filter(
    ([id]) => !known.has(id) && !speaksOf(did, id) && !speaksOf(did, called(id)),
  );
  // Of more than are counted, nobody knows how many.
  const shown = resources.truncated ? others.slice(0, MOST_OF_MANY) : others;
  const told = quotable(shown.map(([id, kind]) => thing(nounOf(kind), id, called(id))));
  return told === undefined ? undefined : `(${told}${resources.truncated ? ' and many more' : ''})`;
}

/** Whether a text has another one in it, and not as a part of a longer word. */
function speaksOf(text: string, part: string | undefined): boolean {
  if (part === undefined || part === '') return false;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    if (!IN_WORD.test(text[at - 1] ?? '') && !IN_WORD.test(text[at + part.length] ?? '')) return true;
  }
  return false;
}

const IN_WORD = /[\p{L}\p{N}]/u;

/** What is done to a project is done by an organization's administrator, whose own project would only confuse. */
function inProject({ project, target }: Told, did: string): string | undefined {
  const called = label(project.name) ?? quotable(project.id);
  if (called === undefined || target?.type === 'project' || speaksOf(did, `project ${called}`)) return undefined;
  return `in project ${called}`;
}

function using({ user, serviceAccountId, apiKey }: Actor): string | undefined {
  const isActor = (user.email ?? user.id ?? serviceAccountId) === undefined;
  return isActor ? undefined : thing('using API key', apiKey.id, apiKey.name);
}

function from({ ip, location }: Actor): string | undefined {
  const place = [quotable(location.city), quotable(location.country)].filter(part => part !== undefined).join(', ');
  const address = quotable(ip);
  if (address === undefined) return place === '' ? undefined : `from ${place}`;
  return place === '' ? `from ${address}` : `from ${address} (${place})`;
}

function because({ type, payload }: Told): string {
  if (type.outcome !== 'failure') return '';
  const reason = quotable(textAt(payload, 'error_message')) ?? quotable(textAt(payload, 'error_code'));
  return reason === undefined ? '' : `: ${reason}`;
}
