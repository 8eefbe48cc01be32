import { parseExactly } from '../exact-json.ts';
import { jsonText } from '../json-text.ts';
import type { Edge, Entity, Id } from './entity.ts';
import type { KindName } from './kind.ts';

/** A node or link of the graph: an entity, or the organization itself. */
export interface Thing extends Omit<Entity, 'kind'> {
  readonly kind: KindName | 'organization';
}

/** What a thing is, besides its kind and name: the form in which the state keeps it. */
export interface Content extends Pick<Thing, 'form' | 'id' | 'description'> {
  readonly relations: readonly Edge[];
}

/** The organization itself. */
export function organizationThing(id: Id, name: string): Thing {
  return { kind: 'organization', form: 'node', id, name, description: { name }, relations: [] };
}

/** One text for what identifies a thing among its kind. */
export function idText(id: Id): string {
  return Object.values(id).join('/');
}

export function packed({ form, id, description, relations }: Thing): string {
  return jsonText({ form, id, description, relations: relations.map(edge => ({ ...edge })) } as never);
}

export function unpacked(content: string): Content {
  return parseExactly(content) as Content;
}
