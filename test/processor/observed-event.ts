import { readFileSync } from 'node:fs';
import { at } from '../../src/processor/json.ts';
import type { ObservedEvent } from '../../src/processor/processor.ts';

/** An event as the tail finds it, two seconds after it happened. */
export function observed(event: unknown, facts: Partial<ObservedEvent> = {}): ObservedEvent {
  const id = at(event, 'id');
  const time = at(event, 'effective_at');
  const effectiveAt = typeof time === 'number' ? time : 1_760_000_000;
  return {
    uid: typeof id === 'string' ? id : 'audit_log-1',
    organization: 'acme',
    stream: 'organization',
    way: 'live',
    delivery: 'live',
    effectiveAt,
    timeIsNeighbours: false,
    observedAtMs: effectiveAt * 1000 + 2000,
    event,
    ...facts,
  };
}

/** A fixture of `test/fixtures/events`. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/events/${name}.json`, import.meta.url), 'utf8'));
}
