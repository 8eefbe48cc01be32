/** An event as the API lists it: any JSON object. */
export type AuditEvent = Readonly<Record<string, unknown>>;

export type Stream = 'organization' | 'tenant';

/** An event and what the listing is ordered and filtered by. `content` may be made when asked for: millions of events stay cheap. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly effectiveAt: number;
  content(): AuditEvent;
}

/** What a listing can be filtered by, besides time. */
export type Dimension = 'type' | 'project' | 'actor' | 'email' | 'resource';

/** Takes `id`, `type` and `effective_at` from the event itself; what it lacks, or has in an odd form, comes from `otherwise`. */
export function storedEvent(event: AuditEvent, otherwise: { readonly id: string; readonly at: number }): StoredEvent {
  const { id, type, effective_at: at } = event;
  return {
    id: typeof id === 'string' ? id : otherwise.id,
    type: typeof type === 'string' ? type : '',
    effectiveAt: typeof at === 'number' ? at : otherwise.at,
    content: () => event,
  };
}

/** The values by which a filter finds the event in one dimension. */
export function traitsOf(event: StoredEvent, dimension: Dimension): readonly string[] {
  return dimension === 'type' ? [event.type] : [...new Set(TRAITS[dimension](event).filter(isText))];
}

const TRAITS: Record<Exclude<Dimension, 'type'>, (event: StoredEvent) => readonly unknown[]> = {
  project: event => [at(event.content(), 'project', 'id')],
  actor: event => {
    const actor = at(event.content(), 'actor');
    return placesIn(actor).flatMap(place => [
      at(place, 'id'),
      at(place, 'user', 'id'),
      at(place, 'service_account', 'id'),
    ]);
  },
  email: event => {
    const actor = at(event.content(), 'actor');
    return placesIn(actor).flatMap(place => [at(place, 'email'), at(place, 'user', 'email')]);
  },
  resource: event => {
    const payload = at(event.content(), event.type);
    const listed = [at(payload, 'certificates'), at(payload, 'configs')].flatMap(list =>
      Array.isArray(list) ? list : [],
    );
    return [at(payload, 'id'), at(payload, 'resource_id'), ...listed.map(item => at(item, 'id'))];
  },
};

/** Where an actor says who it is. Documented are sessions and keys; of any other kind it is the same, as far as is known. */
function placesIn(actor: unknown): readonly unknown[] {
  const type = at(actor, 'type');
  return [actor, ...['session', 'api_key', ...(isText(type) ? [type] : []), 'principal'].map(key => at(actor, key))];
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** The value at a path, or undefined where the path ends early. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}
