/** What a database says of networks: `203.0.113.0/24` and its record. */
export type Networks = Readonly<Record<string, MmdbValue>>;
type MmdbValue = string | number | boolean | readonly MmdbValue[] | { readonly [key: string]: MmdbValue };

export interface MmdbOptions {
  readonly type?: string;
  /** Bits of a record of the search tree. */
  readonly recordSize?: 24 | 28 | 32;
  readonly ipVersion?: 4 | 6;
}

/** A node of the search tree: for each bit another node's number, data, or nothing. */
type Branch = { readonly node: number } | { readonly data: number } | undefined;

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const TYPE = { text: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 } as const;

/** A file in MaxMind's format: search tree, 16 zeros, data, marker, metadata. */
export function mmdb(networks: Networks, options: MmdbOptions = {}): Buffer {
  const { type = 'Test-City', recordSize = 28, ipVersion = 6 } = options;
  const nodes: [Branch, Branch][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let dataBytes = 0;
  for (const [network, record] of Object.entries(networks)) {
    insert(nodes, bitsOf(network, ipVersion), dataBytes);
    const encoded = encode(record);
    data.push(encoded);
    dataBytes += encoded.length;
  }
  const metadata = encode(
    {
      node_count: nodes.length,
      record_size: recordSize,
      ip_version: ipVersion,
      database_type: type,
      languages: ['en'],
      binary_format_major_version: 2,
      binary_format_minor_version: 0,
      build_epoch: 1_780_000_000,
      description: { en: 'written by a test' },
    },
    TYPE.uint32,
  );
  const tree = Buffer.concat(nodes.map(node => nodeBytes(node, nodes.length, recordSize)));
  return Buffer.concat([tree, Buffer.alloc(16), ...data, MARKER, metadata]);
}

function insert(nodes: [Branch, Branch][], bits: readonly (0 | 1)[], data: number): void {
  let node = nodes[0];
  for (const [depth, bit] of bits.entries()) {
    if (node === undefined) throw new Error('a network inside another one');
    if (depth === bits.length - 1) {
      node[bit] = { data };
      return;
    }
    const branch = node[bit];
    if (branch !== undefined && 'data' in branch) throw new Error('a network inside another one');
    const next = branch?.node ?? nodes.push([undefined, undefined]) - 1;
    node[bit] = { node: next };
    node = nodes[next];
  }
}

/** An IPv4 network stands in the lowest 32 bits of an IPv6 tree. */
function bitsOf(network: string, ipVersion: 4 | 6): readonly (0 | 1)[] {
  const [address = '', length = ''] = network.split('/');
  const isV4 = !address.includes(':');
  const bytes = isV4 ? address.split('.').map(Number) : ipv6Bytes(address);
  const own = bytes.flatMap(byte => [7, 6, 5, 4, 3, 2, 1, 0].map(bit => ((byte >> bit) & 1) as 0 | 1));
  const pad: (0 | 1)[] = isV4 && ipVersion === 6 ? Array.from({ length: 96 }, () => 0) : [];
  return [...pad, ...own.slice(0, Number(length))];
}

function ipv6Bytes(address: string): readonly number[] {
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)));
  const [head, tail] = [groups(left), groups(right)];
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head, ...middle, ...tail].flatMap(group => [group >> 8, group & 255]);
}

function nodeBytes(node: readonly [Branch, Branch], nodeCount: number, recordSize: 24 | 28 | 32): Buffer {
  const [left, right] = node.map(branch => {
    if (branch === undefined) return nodeCount;
    return 'node' in branch ? branch.node : nodeCount + 16 + branch.data;
  }) as [number, number];
  const bytes = Buffer.alloc(recordSize / 4);
  if (recordSize === 28) {
    bytes.writeUIntBE(left & 0xffffff, 0, 3);
    bytes.writeUInt8(((left >> 24) << 4) | (right >> 24), 3);
    bytes.writeUIntBE(right & 0xffffff, 4, 3);
  } else {
    bytes.writeUIntBE(left, 0, recordSize / 8);
    bytes.writeUIntBE(right, recordSize / 8, recordSize / 8);
  }
  return bytes;
}

/** Whole numbers are unsigned 32-bit ones in metadata, and doubles in data unless they are large. */
function encode(value: MmdbValue, whole: number = TYPE.double): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(TYPE.text, bytes.length), bytes]);
  }
  if (typeof value === 'boolean') return control(TYPE.boolean, value ? 1 : 0);
  if (typeof value === 'number') return encodeNumber(value, whole);
  if (Array.isArray(value)) {
    return Buffer.concat([control(TYPE.array, value.length), ...value.map(item => encode(item, whole))]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([
    control(TYPE.map, entries.length),
    ...entries.flatMap(([key, item]) => [encode(key), encode(item, whole)]),
  ]);
}

function encodeNumber(value: number, whole: number): Buffer {
  if (Number.isInteger(value) && value >= 0 && (whole === TYPE.uint32 || value > 180)) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(TYPE.uint32, 4), bytes]);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Buffer.concat([control(TYPE.double, 8), bytes]);
}

/** Kind and size; kinds above 7 take a second byte. */
function control(kind: number, size: number): Buffer {
  const extended = kind > 7 ? [kind - 7] : [];
  const first = (kind > 7 ? 0 : kind) << 5;
  if (size < 29) return Buffer.from([first | size, ...extended]);
  if (size < 285) return Buffer.from([first | 29, ...extended, size - 29]);
  return Buffer.from([first | 30, ...extended, (size - 285) >> 8, (size - 285) & 255]);
}
