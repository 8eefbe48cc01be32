import type { EventContext } from './context.ts';
import { at, isMap, textAt } from './json.ts';
import { type Location, readLocation } from './location.ts';
import { nameOf } from './name-of.ts';

/** Who acted, and from where. Every fact may be missing. */
export interface Actor {
  readonly type: string | undefined;
  /** The acting user, else the service account, else the key. */
  readonly id: string | undefined;
  readonly user: {
    readonly id: string | undefined;
    readonly email: string | undefined;
    readonly fullName: string | undefined;
  };
  readonly apiKey: {
    readonly id: string | undefined;
    readonly type: string | undefined;
    readonly name: string | undefined;
  };
  readonly serviceAccountId: string | undefined;
  readonly serviceAccountName: string | undefined;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly ja3: string | undefined;
  readonly ja4: string | undefined;
  readonly location: Location;
}

/**
 * The context says what a database knows of the address, and what the inventory calls whom the event only names by id.
 * Documented are sessions and API keys; of other actors (a workload
 * identity, SCIM, the system, a user or service account by itself) the facts are looked for in the property of their
 * type, then in the actor itself.
 */
export function readActor(actor: unknown, { geo, names }: EventContext = {}): Actor {
  const type = textAt(actor, 'type') ?? textAt(actor, 'principal', 'type') ?? impliedType(actor);
  const session = at(actor, 'session');
  const apiKey = at(actor, 'api_key');
  const principal = at(actor, 'principal');
  const own = [session, apiKey, type === undefined ? undefined : at(actor, type), principal, actor].find(isMap);
  // `{ type: 'principal', principal: { type: 'user', ... } }`: the inner one says who it is.
  const kind = own === principal ? (textAt(principal, 'type') ?? type) : type;
  const owner = ownerOf(kind, own, { session, apiKey });
  const user = owner.isServiceAccount ? undefined : owner.user;
  const serviceAccountId =
    textAt(owner.serviceAccount, 'id') ?? (user === undefined ? textAt(owner.user, 'id') : undefined);
  const userId = textAt(user, 'id');
  const keyId = textAt(apiKey, 'id');
  return {
    type,
    id: userId ?? serviceAccountId ?? keyId ?? textAt(own, 'id') ?? textAt(actor, 'id'),
    user: {
      id: userId,
      email: textAt(user, 'email') ?? nameOf(names, userId, 'user.email'),
      fullName: nameOf(names, userId, 'user.full_name'),
    },
    apiKey: { id: keyId, type: textAt(apiKey, 'type'), name: nameOf(names, keyId, 'api_key.name') },
    serviceAccountId,
    serviceAccountName: nameOf(names, serviceAccountId, 'service_account.name', 'user.full_name'),
    ip: textAt(own, 'ip_address'),
    userAgent: textAt(own, 'user_agent'),
    ja3: textAt(own, 'ja3'),
    ja4: textAt(own, 'ja4'),
    location: readLocation(at(own, 'ip_address_details'), geo),
  };
}

/** The property that says who it was, where no type does. */
function impliedType(actor: unknown): string | undefined {
  if (isMap(at(actor, 'session'))) return 'session';
  if (isMap(at(actor, 'api_key'))) return 'api_key';
  return isMap(actor) ? Object.keys(actor).find(key => key !== 'principal' && isMap(actor[key])) : undefined;
}

interface Owner {
  readonly user: unknown;
  readonly serviceAccount: unknown;
  /** Then nothing is told of a user, even where one is named: service accounts are never reported as users. */
  readonly isServiceAccount: boolean;
}

/** Whose session, key or identity it is. An id says nothing of it: those of service accounts may begin with `user-`. */
function ownerOf(
  type: string | undefined,
  own: unknown,
  { session, apiKey }: { readonly session: unknown; readonly apiKey: unknown },
): Owner {
  const user = type === 'user' && !isMap(at(own, 'user')) ? own : (mapAt(own, 'user') ?? at(apiKey, 'user'));
  const account = mapAt(own, 'service_account') ?? mapAt(apiKey, 'service_account');
  const serviceAccount = account ?? (type === 'service_account' ? own : undefined);
  const signedIn = isMap(at(session, 'user'));
  const isServiceAccount =
    [type, textAt(user, 'type'), signedIn ? undefined : textAt(apiKey, 'type')].includes('service_account') ||
    at(user, 'is_service_account') === true ||
    (serviceAccount !== undefined && !signedIn);
  return { user, serviceAccount, isServiceAccount };
}

function mapAt(value: unknown, key: string): unknown {
  const found = at(value, key);
  return isMap(found) ? found : undefined;
}
