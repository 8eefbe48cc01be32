import type { Dice } from '../random.ts';

/** Where people sit. Addresses come from the ranges for documentation (RFC 5737), system numbers too (RFC 5398). */
export interface Place {
  /** First three parts of the address, and the range of the last one. */
  readonly network: readonly [string, number, number];
  readonly utcOffsetHours: number;
  /** As the API lists them: all strings. */
  readonly details: Readonly<
    Record<'country' | 'city' | 'region' | 'region_code' | 'asn' | 'latitude' | 'longitude', string>
  >;
}

export interface Office extends Place {
  readonly homes: readonly Place[];
}

export const OFFICES: readonly Office[] = [
  {
    ...place(['192.0.2', 1, 9], -8, ['US', 'San Francisco', 'California', 'CA', '64496', '37.77493', '-122.41942']),
    homes: [
      place(['192.0.2', 10, 89], -8, ['US', 'Oakland', 'California', 'CA', '64497', '37.80437', '-122.27080']),
      place(['192.0.2', 90, 119], -8, ['US', 'San Jose', 'California', 'CA', '64497', '37.33939', '-121.89496']),
    ],
  },
  {
    ...place(['198.51.100', 1, 9], 0, ['GB', 'London', 'England', 'ENG', '64500', '51.50853', '-0.12574']),
    homes: [
      place(['198.51.100', 10, 69], 0, ['GB', 'Cambridge', 'England', 'ENG', '64501', '52.20000', '0.11667']),
      place(['198.51.100', 70, 119], 0, ['GB', 'Brighton', 'England', 'ENG', '64501', '50.82838', '-0.13947']),
    ],
  },
  {
    ...place(['198.51.100', 130, 139], 1, ['DE', 'Berlin', 'State of Berlin', 'BE', '64504', '52.52437', '13.41053']),
    homes: [
      place(['198.51.100', 140, 199], 1, ['DE', 'Potsdam', 'Brandenburg', 'BB', '64505', '52.39886', '13.06566']),
      place(['198.51.100', 200, 249], 1, ['DE', 'Leipzig', 'Saxony', 'SN', '64505', '51.33962', '12.37129']),
    ],
  },
  {
    ...place(['203.0.113', 1, 9], 9, ['JP', 'Tokyo', 'Tokyo', '13', '64508', '35.68950', '139.69171']),
    homes: [
      place(['203.0.113', 10, 69], 9, ['JP', 'Yokohama', 'Kanagawa', '14', '64509', '35.44778', '139.64250']),
      place(['203.0.113', 70, 119], 9, ['JP', 'Kamakura', 'Kanagawa', '14', '64509', '35.30889', '139.55028']),
    ],
  },
];

/** Where nobody of the organization lives. */
export const ELSEWHERE: readonly Place[] = [
  place(['203.0.113', 200, 219], 0, ['IS', 'Reykjavik', 'Capital Region', '1', '64510', '64.13548', '-21.89541']),
  place(['203.0.113', 220, 239], -3, ['UY', 'Montevideo', 'Montevideo', 'MO', '64511', '-34.90328', '-56.18816']),
];

export function addressIn(at: Place, dice: Dice): string {
  const [prefix, low, high] = at.network;
  return `${prefix}.${dice.integer(low, high)}`;
}

/** How busy a place is at an instant: 1 in working hours, little at night and at weekends. */
export function activity(at: Place, nowMs: number): number {
  const local = new Date(nowMs + at.utcOffsetHours * 3_600_000);
  const hour = local.getUTCHours();
  const weekend = local.getUTCDay() % 6 === 0;
  const byHour = hour >= 9 && hour < 18 ? 1 : hour >= 7 && hour < 22 ? 0.3 : 0.03;
  return weekend ? byHour * 0.15 : byHour;
}

function place(
  network: Place['network'],
  utcOffsetHours: number,
  [country, city, region, code, asn, latitude, longitude]: readonly [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ],
): Place {
  return { network, utcOffsetHours, details: { country, city, region, region_code: code, asn, latitude, longitude } };
}
