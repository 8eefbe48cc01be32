import type { Value } from '../record.ts';
import type { Actor } from './actor.ts';
import type { EventType } from './event-type.ts';
import { at, isMap, textAt } from './json.ts';
import { quotable } from './quotable.ts';
import type { Target } from './target.ts';
import { nounOf, targetPhrase } from './target-phrase.ts';
import { fill } from './template.ts';

/** What a summary speaks of. */
export interface Told {
  readonly type: EventType;
  readonly actor: Actor;
  readonly project: { readonly id: string | undefined; readonly name: string | undefined };
  readonly target: Target | undefined;
  readonly payload: Value | undefined;
}

/** One sentence: who did what to what, where, with what, from where, and why it failed. */
export function summaryOf(told: Told): string {
  const parts = [who(told.actor), didWhat(told), inProject(told), withKey(told.actor), from(told.actor)];
  return parts.filter(part => part !== undefined).join(' ') + because(told);
}

function who({ user, serviceAccountId, apiKey }: Actor): string {
  const account = phrase('service account', serviceAccountId);
  return quotable(user.email) ?? quotable(user.id) ?? account ?? phrase('API key', apiKey.id) ?? 'Somebody';
}

function didWhat({ type, target, payload }: Told): string {
  const changes = at(payload, 'changes_requested') ?? at(payload, 'data');
  return fill(type.says, name => {
    if (name === 'target') return target && targetPhrase(target);
    if (name === 'noun') return target && nounOf(target.type);
    if (name === 'changed') return quotable(namesIn(changes));
    if (name.startsWith('changes.')) return quotable(at(changes, name.slice('changes.'.length)));
    return quotable(at(payload, ...name.split('.')));
  });
}

function namesIn(changes: unknown): readonly string[] {
  return isMap(changes) ? Object.keys(changes) : [];
}

/** What is done to a project is done by an organization's administrator, whose own project would only confuse. */
function inProject({ project, target }: Told): string | undefined {
  return target?.type === 'project' ? undefined : phrase('in project', quotable(project.id) ?? project.name);
}

function withKey({ user, serviceAccountId, apiKey }: Actor): string | undefined {
  const isActor = (user.email ?? user.id ?? serviceAccountId) === undefined;
  return isActor ? undefined : phrase('with API key', apiKey.id);
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

function phrase(words: string, value: string | undefined): string | undefined {
  const told = quotable(value);
  return told === undefined ? undefined : `${words} ${told}`;
}
