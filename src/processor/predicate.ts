import { changedIn, changesOf, expiryIn, scopesIn } from './changes.ts';
import { at, textAt } from './json.ts';
import { label, quotable } from './quotable.ts';
import { kindOf } from './resources.ts';
import type { Told } from './summary.ts';
import type { Target } from './target.ts';
import { nounOf, severalPhrase, targetPhrase } from './target-phrase.ts';
import { fill } from './template.ts';
import { thing } from './thing.ts';

/** What the actor did to what, as the type's row says it. */
export function predicateOf(told: Told): string {
  const { type, payload, called } = told;
  return fill(type.says, name => {
    switch (name) {
      case 'target':
        return targetIn(told);
      case 'noun':
        return told.target && nounOf(told.target.type);
      case 'changed':
        return changedIn(payload);
      case 'scopes':
        return scopesIn(payload);
      case 'expiry':
        return expiryIn(payload);
      case 'principal':
      case 'resource':
        return mentioned(told, name);
      default:
        return name.startsWith('changes.')
          ? quotable(at(changesOf(payload), name.slice('changes.'.length)))
          : byName(at(payload, ...name.split('.')) ?? at(payload, 'data', name), called);
    }
  });
}

function targetIn({ type, target, payload, called }: Told): string | undefined {
  if (target === undefined) return undefined;
  const list = typeof type.targets === 'object' ? at(payload, type.targets.list) : undefined;
  if (typeof type.targets !== 'object' || (Array.isArray(list) && list.length === 1)) {
    return targetPhrase(toldOnce(type.action, target, payload));
  }
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  const members = items.map(item => label(textAt(item, 'name')) ?? byName(textAt(item, 'id') ?? item, called));
  return severalPhrase(target.type, members);
}

/** What an event says besides is not said of the target: whom it invites, and what it is called from now on. */
function toldOnce(action: string | undefined, target: Target, payload: unknown): Target {
  const kind = target.type === 'resource' ? kindOf(payload, 'resource') : target.type;
  const invited = kind.endsWith('invite') ? [at(payload, 'email'), at(payload, 'data', 'email')] : [];
  const changed = action === 'updated' ? Object.values(changesOf(payload) ?? {}) : [];
  const isSaid = [...invited, ...changed].includes(target.name);
  return { type: kind, ids: target.ids, name: isSaid ? undefined : target.name };
}

/** `user ada@example.com`, of what the payload names by `principal_id` or `resource_id`. */
function mentioned({ payload, called }: Told, prefix: 'principal' | 'resource'): string | undefined {
  const place = textAt(payload, `${prefix}_id`) === undefined ? at(payload, 'data') : payload;
  const id = textAt(place, `${prefix}_id`);
  return id === undefined ? undefined : thing(nounOf(kindOf(place, prefix)), id, called(id));
}

function byName(value: unknown, called: Told['called']): string | undefined {
  return (typeof value === 'string' ? label(called(value)) : undefined) ?? quotable(value);
}
