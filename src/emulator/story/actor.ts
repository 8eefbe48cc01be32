import type { Key, Thing } from '../estate.ts';
import type { Dice } from '../random.ts';
import { createDevice, type Device, type Person } from './cast.ts';
import { activity, addressIn, ELSEWHERE, type Place } from './place.ts';

/** The `actor` of an event, and the person behind it where there is one. */
export interface Actor {
  readonly json: unknown;
  readonly person?: Person;
  /** What the actor acts with, unless in a session. */
  readonly key?: Key;
}

/** A person at a desk: in the office mostly while it is open, otherwise at home. */
export function signedIn(person: Person, nowMs: number, dice: Dice): Actor {
  const inOffice = activity(person.office, nowMs) === 1 && dice.chance(0.7);
  const at = inOffice ? person.office : person.home;
  const address = inOffice ? addressIn(person.office, dice) : person.homeAddress;
  return { person, json: session(person, at, address, person.device) };
}

/** Somebody who uses a person's account from where nobody lives. */
export function stranger(person: Person, dice: Dice): Actor {
  const at = dice.pick(ELSEWHERE);
  return { person, json: session(person, at, addressIn(at, dice), createDevice(dice)) };
}

/** A program that uses a person's key. */
export function byKey(person: Person, key: Key): Actor {
  const user = { id: person.id, email: person.email };
  return { person, key, json: { type: 'api_key', api_key: { id: key.id, type: 'user', user } } };
}

/** A program that uses a service account's key. */
export function byServiceAccount(account: Thing, key: Key): Actor {
  return {
    key,
    json: { type: 'api_key', api_key: { id: key.id, type: 'service_account', service_account: { id: account.id } } },
  };
}

/** What OpenAI's own machinery does: no actor at all. */
export const NOBODY: Actor = { json: null };

function session(person: Person, at: Place, address: string, device: Device): unknown {
  return {
    type: 'session',
    session: {
      user: { id: person.id, email: person.email },
      ip_address: address,
      user_agent: device.userAgent,
      ja3: device.ja3,
      ja4: device.ja4,
      ip_address_details: at.details,
    },
  };
}
