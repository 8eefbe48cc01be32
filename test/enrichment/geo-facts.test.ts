import { describe, expect, it } from 'vitest';
import { geoFacts } from '../../src/enrichment/geo-facts.ts';

describe('the facts of a record', () => {
  it('are those of a city database in MaxMind’s form', () => {
    const record = {
      city: { names: { de: 'München', en: 'Munich' } },
      country: { iso_code: 'DE', names: { en: 'Germany' } },
      subdivisions: [{ iso_code: 'BY' }, { iso_code: 'X' }],
      location: { latitude: 48.13743, longitude: 11.57549 },
    };
    expect(geoFacts(record)).toEqual({
      country: 'DE',
      region: 'BY',
      city: 'Munich',
      latitude: 48.13743,
      longitude: 11.57549,
    });
  });

  it('are those of its single-purpose databases', () => {
    expect(
      geoFacts({
        autonomous_system_number: 64_496,
        autonomous_system_organization: 'Example Net',
        isp: 'Example ISP',
        organization: 'x',
      }),
    ).toEqual({ asNumber: 64_496, asOrganization: 'Example Net', isp: 'Example ISP' });
    expect(geoFacts({ connection_type: 'Cable/DSL' })).toEqual({ connectionType: 'Cable/DSL' });
    expect(geoFacts({ is_anonymous: true, is_anonymous_vpn: true, is_hosting_provider: true })).toEqual({
      isAnonymous: true,
      anonymity: ['vpn', 'hosting'],
    });
  });

  it('are those of its database of everything', () => {
    const traits = { user_type: 'business', isp: 'I', connection_type: 'Corporate', is_anonymous: false };
    expect(geoFacts({ traits, anonymizer: { is_tor_exit_node: false } })).toEqual({
      userType: 'business',
      isp: 'I',
      connectionType: 'Corporate',
      isAnonymous: false,
    });
    expect(geoFacts({ anonymizer: { is_tor_exit_node: true } })).toEqual({ isAnonymous: true, anonymity: ['tor'] });
  });

  it('are positions without the noise of numbers of 32 bits', () => {
    expect(geoFacts({ latitude: 37.422000885009766, longitude: -122.08499908447266 })).toEqual({
      latitude: 37.422,
      longitude: -122.085,
    });
  });

  it('are those of flat records', () => {
    expect(geoFacts({ asn: 'AS64496', as_name: 'Example', country: 'Germany', country_code: 'DE' })).toEqual({
      country: 'DE',
      asNumber: 64_496,
      asOrganization: 'Example',
    });
    expect(geoFacts({ country: 'DE', city: 'Berlin', lat: '52.5', lng: '13.4' })).toEqual({
      country: 'DE',
      city: 'Berlin',
      latitude: 52.5,
      longitude: 13.4,
    });
  });

  it.each([
    undefined,
    null,
    'text',
    7,
    [],
    { country: 'Germany' },
    { location: { latitude: 48 } },
    { location: { latitude: 91, longitude: 1 } },
    { autonomous_system_number: -1 },
    { city: { names: {} }, subdivisions: 'BY' },
  ])('are none of %j', record => {
    expect(geoFacts(record)).toEqual({});
  });
});
