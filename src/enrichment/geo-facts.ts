import type { Geo } from '../processor/context.ts';
import { at, numberWithin, textAt } from '../processor/json.ts';

type Paths = readonly (readonly string[])[];

/**
 * Where the publishers of databases write a text: MaxMind and DB-IP nested, flat in MaxMind's single-purpose ones (ASN,
 * ISP, Connection-Type) and in those of IPinfo and ip-location-db. The first that is there counts.
 */
const TEXTS = {
  region: [['subdivisions', '0', 'iso_code'], ['region_code']],
  city: [['city', 'names', 'en'], ['city', 'name'], ['city']],
  asOrganization: [
    ['autonomous_system_organization'],
    ['traits', 'autonomous_system_organization'],
    ['as_name'],
    ['as_organization'],
  ],
  isp: [['isp'], ['traits', 'isp']],
  connectionType: [['connection_type'], ['traits', 'connection_type']],
  userType: [['user_type'], ['traits', 'user_type']],
} as const satisfies Partial<Record<keyof Geo, Paths>>;

const COUNTRY: Paths = [['country', 'iso_code'], ['country_code'], ['country']];
const LATITUDE: Paths = [['location', 'latitude'], ['latitude'], ['lat']];
const LONGITUDE: Paths = [['location', 'longitude'], ['longitude'], ['lng'], ['lon']];
const AS_NUMBER: Paths = [['autonomous_system_number'], ['traits', 'autonomous_system_number'], ['asn'], ['as_number']];

/** In what way an address hides who uses it, and the flag that says so. */
const ANONYMITY = {
  vpn: 'is_anonymous_vpn',
  tor: 'is_tor_exit_node',
  public_proxy: 'is_public_proxy',
  residential_proxy: 'is_residential_proxy',
  hosting: 'is_hosting_provider',
} as const;
const ANY_ANONYMITY = 'is_anonymous';
/** Flags stand at the top of a database of nothing else, and deeper in one of everything. */
const FLAGS_AT: Paths = [[], ['traits'], ['anonymizer']];

const LARGEST_AS_NUMBER = 2 ** 32 - 1;

/** What a database's record of a network says. What is not there, or of another shape, is left out. */
export function geoFacts(record: unknown): Geo {
  const texts = Object.entries(TEXTS).map(([fact, paths]) => [fact, text(record, paths)] as const);
  const facts = {
    country: country(record),
    ...Object.fromEntries(texts),
    ...position(record),
    asNumber: asNumber(record),
    ...anonymity(record),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}

/** Some write the name of a country where others have its code. */
function country(record: unknown): string | undefined {
  const found = text(record, COUNTRY);
  return found !== undefined && /^[A-Z]{2}$/.test(found) ? found : undefined;
}

function text(record: unknown, paths: Paths): string | undefined {
  for (const path of paths) {
    const found = textAt(indexed(record, path), ...path.slice(-1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What holds the last part of a path; a part that is a number counts in a list. */
function indexed(record: unknown, path: readonly string[]): unknown {
  return path
    .slice(0, -1)
    .reduce((value: unknown, part) => (Array.isArray(value) ? value[Number(part)] : at(value, part)), record);
}

/** A metre or so; what follows in numbers of 32 bits is noise. */
const DECIMALS = 5;

/** Both or neither: half a position is none. */
function position(record: unknown): Pick<Geo, 'latitude' | 'longitude'> {
  const latitude = number(record, LATITUDE, -90, 90);
  const longitude = number(record, LONGITUDE, -180, 180);
  if (latitude === undefined || longitude === undefined) return {};
  const rounded = (degrees: number) => Number(degrees.toFixed(DECIMALS));
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
}

function number(record: unknown, paths: Paths, min: number, max: number): number | undefined {
  return paths.map(path => numberWithin(at(record, ...path), min, max)).find(found => found !== undefined);
}

function asNumber(record: unknown): number | undefined {
  const found = AS_NUMBER.map(path => at(record, ...path)).find(value => value !== undefined);
  const number = numberWithin(typeof found === 'string' ? found.replace(/^AS/, '') : found, 0, LARGEST_AS_NUMBER);
  return Number.isInteger(number) ? number : undefined;
}

/** Databases of anonymous addresses name what is true only, so that silence there says nothing. */
function anonymity(record: unknown): Pick<Geo, 'isAnonymous' | 'anonymity'> {
  const isSet = (flag: string) => FLAGS_AT.some(path => at(record, ...path, flag) === true);
  const isDenied = FLAGS_AT.some(path => at(record, ...path, ANY_ANONYMITY) === false);
  const ways = Object.entries(ANONYMITY).flatMap(([way, flag]) => (isSet(flag) ? [way] : []));
  if (ways.length > 0) return { isAnonymous: true, anonymity: ways };
  if (isSet(ANY_ANONYMITY)) return { isAnonymous: true };
  return isDenied ? { isAnonymous: false } : {};
}
