/**
 * What is known about an event, besides what it says itself, when it is first observed. It is kept with the event as
 * JSON: whatever changes later, a repetition of the record is equal. Every part may be missing.
 */
export interface EventContext {
  readonly geo?: Geo;
  readonly names?: Names;
}

/** What the inventory calls the things that an event mentions: by what the name is, then by the id of the thing. */
export type Names = Readonly<Partial<Record<NameOf, Readonly<Record<string, string>>>>>;

/** Of an invite, `user.email` is whom it invites. `name` is that of anything else, such as a role or a group. */
export type NameOf =
  | 'user.email'
  | 'user.full_name'
  | 'project.name'
  | 'service_account.name'
  | 'api_key.name'
  | 'name';

/** What a database says about the address that somebody acted from. */
export interface Geo {
  /** ISO 3166-1: `DE`. */
  readonly country?: string;
  /** ISO 3166-2, without or with its country: `BE`. */
  readonly region?: string;
  readonly city?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly asNumber?: number;
  readonly asOrganization?: string;
  readonly isp?: string;
  /** As the database names it: `Cable/DSL`, `Corporate`. */
  readonly connectionType?: string;
  /** As the database names it: `business`, `residential`. */
  readonly userType?: string;
  readonly isAnonymous?: boolean;
  /** In what way: `vpn`, `tor`, `public_proxy`, `residential_proxy`, `hosting`. */
  readonly anonymity?: readonly string[];
}
