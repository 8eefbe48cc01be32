import { describe, expect, it } from 'vitest';
import { readLocation } from '../../src/processor/location.ts';

const OWN = { country: 'DE', region_code: 'BE', city: 'Berlin', asn: '64496', latitude: '52.5', longitude: '13.4' };
const GEO = {
  country: 'DE',
  region: 'BB',
  city: 'Potsdam',
  latitude: 1,
  longitude: 2,
  asNumber: 64_496,
  asOrganization: 'Example Net',
  isp: 'Example ISP',
  isAnonymous: true,
  anonymity: ['vpn'],
};

describe('a database', () => {
  it('never replaces what the event says', () => {
    expect(readLocation(OWN, GEO)).toMatchObject({
      country: 'DE',
      region: 'DE-BE',
      city: 'Berlin',
      latitude: 52.5,
      longitude: 13.4,
      asNumber: 64_496,
    });
  });

  it('fills what the event leaves open', () => {
    expect(readLocation(undefined, GEO)).toMatchObject({ ...GEO, region: 'DE-BB' });
    expect(readLocation({ country: 'DE', city: 'Berlin' }, GEO)).toMatchObject({
      region: 'DE-BB',
      city: 'Berlin',
      asOrganization: 'Example Net',
      isAnonymous: true,
      anonymity: ['vpn'],
    });
  });

  it('says nothing of a place in another country, nor of another network', () => {
    const elsewhere = readLocation({ country: 'DE', asn: '64496' }, { ...GEO, country: 'US', asNumber: 64_497 });
    expect(elsewhere).toMatchObject({ country: 'DE', asNumber: 64_496 });
    const { region, city, latitude, longitude, asOrganization, isp } = elsewhere;
    expect([region, city, latitude, longitude, asOrganization, isp]).toEqual(Array(6).fill(undefined));
  });

  it('gives a whole position or none', () => {
    const half = readLocation({ latitude: '52.5' }, { longitude: 2, latitude: 1 });
    expect([half.latitude, half.longitude]).toEqual([1, 2]);
    const own = readLocation({ latitude: '52.5' }, {});
    expect([own.latitude, own.longitude]).toEqual([52.5, undefined]);
  });
});
