import { at, numberWithin, textAt } from './json.ts';

/** Where an address is, as the API knows it. */
export interface Location {
  readonly country: string | undefined;
  /** ISO 3166-2: `US-CA`. */
  readonly region: string | undefined;
  readonly city: string | undefined;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly asNumber: number | undefined;
}

const LARGEST_AS_NUMBER = 2 ** 32 - 1;

/** Numbers are strings on the wire; one that does not parse or is out of range is left out. */
export function readLocation(details: unknown): Location {
  const country = textAt(details, 'country');
  return {
    country,
    region: regionCode(country, textAt(details, 'region_code')),
    city: textAt(details, 'city'),
    latitude: numberWithin(at(details, 'latitude'), -90, 90),
    longitude: numberWithin(at(details, 'longitude'), -180, 180),
    asNumber: asNumber(at(details, 'asn')),
  };
}

function regionCode(country: string | undefined, code: string | undefined): string | undefined {
  if (country === undefined || code === undefined) return undefined;
  return code.startsWith(`${country}-`) ? code : `${country}-${code}`;
}

function asNumber(asn: unknown): number | undefined {
  const number = numberWithin(typeof asn === 'string' ? asn.replace(/^AS/, '') : asn, 0, LARGEST_AS_NUMBER);
  return Number.isInteger(number) ? number : undefined;
}
