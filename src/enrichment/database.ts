import { isIPv4, isIPv6 } from 'node:net';
import { Reader, type Response } from 'mmdb-lib';

/** A database in MaxMind's format, whole in memory. */
export interface Database {
  /** As its publisher names it: `GeoLite2-City`. */
  readonly type: string;
  readonly builtAt: Date;
  /** The record of the network that holds an address; undefined when there is none. Never throws. */
  lookUp(address: string): unknown;
}

/** Bytes of zeros between the search tree and the data. */
const SEPARATOR_BYTES = 16;
/** One in every part of the address space, so that a file cut or mixed up is noticed when it is read, not later. */
const PROBES = ['1.1.1.1', '8.8.8.8', '77.1.1.1', '133.1.1.1', '196.1.1.1', '2001:4860::1', '2a00:1450::1'];

/** @throws Error that says in a few words what is wrong with the bytes. */
export function parseDatabase(bytes: Buffer): Database {
  const reader = createReader(bytes);
  const { databaseType, buildEpoch, ipVersion, searchTreeSize, binaryFormatMajorVersion } = reader.metadata;
  if (binaryFormatMajorVersion !== 2) throw new Error(`its format has version ${binaryFormatMajorVersion}, not 2`);
  if (searchTreeSize + SEPARATOR_BYTES > bytes.length) throw new Error('it is cut short');
  if (bytes.subarray(searchTreeSize, searchTreeSize + SEPARATOR_BYTES).some(byte => byte !== 0)) {
    throw new Error('its parts do not fit together');
  }
  const get = (address: string) => {
    const plain = mapped(address);
    if (isIPv4(plain) || (ipVersion === 6 && isIPv6(plain))) return reader.get(plain) ?? undefined;
    return undefined;
  };
  for (const probe of PROBES) probed(get, probe);
  return {
    type: databaseType,
    builtAt: buildEpoch,
    lookUp(address) {
      try {
        return get(address);
      } catch {
        return undefined;
      }
    },
  };
}

function createReader(bytes: Buffer): Reader<Response> {
  try {
    return new Reader(bytes);
  } catch {
    // Its own messages speak of decoders and offsets.
    throw new Error('it is no database in MaxMind format (.mmdb), or damaged');
  }
}

function probed(get: (address: string) => unknown, address: string): void {
  try {
    get(address);
  } catch {
    throw new Error(`it is damaged: ${address} cannot be looked up`);
  }
}

/** An IPv4 address is looked up as such, also where it is written inside an IPv6 one. */
function mapped(address: string): string {
  const [, inner] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  return inner ?? address;
}
