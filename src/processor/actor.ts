import { at, isMap, textAt } from './json.ts';
import { type Location, readLocation } from './location.ts';

/** Who acted, and from where. Every fact may be missing. */
export interface Actor {
  readonly type: string | undefined;
  /** The acting user, else the service account, else the key. */
  readonly id: string | undefined;
  readonly user: { readonly id: string | undefined; readonly email: string | undefined };
  readonly apiKey: { readonly id: string | undefined; readonly type: string | undefined };
  readonly serviceAccountId: string | undefined;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly ja3: string | undefined;
  readonly ja4: string | undefined;
  readonly location: Location;
}

export function readActor(actor: unknown): Actor {
  const session = at(actor, 'session');
  const apiKey = at(actor, 'api_key');
  const user = actingUser(session, apiKey);
  const serviceAccountId = textAt(apiKey, 'service_account', 'id');
  return {
    type: textAt(actor, 'type') ?? impliedType(session, apiKey),
    id: textAt(user, 'id') ?? serviceAccountId ?? textAt(apiKey, 'id'),
    user: { id: textAt(user, 'id'), email: textAt(user, 'email') },
    apiKey: { id: textAt(apiKey, 'id'), type: textAt(apiKey, 'type') },
    serviceAccountId,
    ip: textAt(session, 'ip_address'),
    userAgent: textAt(session, 'user_agent'),
    ja3: textAt(session, 'ja3'),
    ja4: textAt(session, 'ja4'),
    location: readLocation(at(session, 'ip_address_details')),
  };
}

/** The session's user, else the key's owner unless that is a service account: those are never reported as users. */
function actingUser(session: unknown, apiKey: unknown): unknown {
  const sessionUser = at(session, 'user');
  if (isMap(sessionUser)) return sessionUser;
  const ownedByServiceAccount = textAt(apiKey, 'type') === 'service_account' || isMap(at(apiKey, 'service_account'));
  return ownedByServiceAccount ? undefined : at(apiKey, 'user');
}

function impliedType(session: unknown, apiKey: unknown): string | undefined {
  if (isMap(session)) return 'session';
  return isMap(apiKey) ? 'api_key' : undefined;
}
