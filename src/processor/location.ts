import type { Geo } from './context.ts';
import { at, numberWithin, textAt } from './json.ts';

/** Where an address is and whose it is: as the API knows it, and where that is silent, as a database does. */
export interface Location {
  readonly country: string | undefined;
  /** ISO 3166-2: `US-CA`. */
  readonly region: string | undefined;
  readonly city: string | undefined;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly asNumber: number | undefined;
  readonly asOrganization: string | undefined;
  readonly isp: string | undefined;
  readonly connectionType: string | undefined;
  readonly userType: string | undefined;
  readonly isAnonymous: boolean | undefined;
  readonly anonymity: readonly string[] | undefined;
}

const LARGEST_AS_NUMBER = 2 ** 32 - 1;

/**
 * Numbers are strings on the wire; one that does not parse or is out of range is left out. A database fills only what
 * the event leaves open, and nothing where it contradicts the event: not the city of another country, nor the name of
 * another network.
 */
export function readLocation(details: unknown, geo: Geo = {}): Location {
  const own = readDetails(details);
  const place = disagree(own.country, geo.country) ? {} : geo;
  const position = own.latitude === undefined || own.longitude === undefined ? place : own;
  const network = disagree(own.asNumber, geo.asNumber) ? {} : geo;
  const country = own.country ?? place.country;
  return {
    country,
    region: regionCode(country, own.region ?? place.region),
    city: own.city ?? place.city,
    latitude: position.latitude ?? own.latitude,
    longitude: position.longitude ?? own.longitude,
    asNumber: own.asNumber ?? network.asNumber,
    asOrganization: network.asOrganization,
    isp: network.isp,
    connectionType: geo.connectionType,
    userType: geo.userType,
    isAnonymous: geo.isAnonymous,
    anonymity: geo.anonymity,
  };
}

function readDetails(details: unknown) {
  return {
    country: countryCode(textAt(details, 'country')),
    region: textAt(details, 'region_code')?.toUpperCase(),
    city: textAt(details, 'city'),
    latitude: numberWithin(at(details, 'latitude'), -90, 90),
    longitude: numberWithin(at(details, 'longitude'), -180, 180),
    asNumber: asNumber(at(details, 'asn')),
  };
}

function disagree(own: string | number | undefined, other: string | number | undefined): boolean {
  return own !== undefined && other !== undefined && own !== other;
}

/** A country's name is no code of it; `T1` stands for Tor where OpenAI's network has its codes from. */
function countryCode(text: string | undefined): string | undefined {
  return text !== undefined && /^[a-z][a-z\d]$/i.test(text) ? text.toUpperCase() : undefined;
}

/** A region means nothing without its country, nor in another one. */
function regionCode(country: string | undefined, code: string | undefined): string | undefined {
  if (country === undefined || code === undefined) return undefined;
  return code.startsWith(`${country}-`) ? code : `${country}-${code}`;
}

function asNumber(asn: unknown): number | undefined {
  const number = numberWithin(typeof asn === 'string' ? asn.replace(/^AS/, '') : asn, 0, LARGEST_AS_NUMBER);
  return Number.isInteger(number) ? number : undefined;
}
