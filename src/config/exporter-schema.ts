import { duration, integer, isNot, mapOf, nameSuffix, oneOf, refined, size, text } from './format.ts';
import { key, optional, section } from './key.ts';
import { url } from './url.ts';
import { exporterVariables, fromMilliseconds, fromPairs } from './variables.ts';

const headerName = refined(text('a header name', /^[\w!#$%&'*+.^`|~-]+$/, 'use letters, digits and hyphens'), name =>
  /^(?:content-(?:type|length|encoding)|host|connection|transfer-encoding)$/i.test(name)
    ? isNot(name, 'belongs to the exporter').faults
    : [],
);
const headerValue = text('a header value', /^[\t\x20-\x7e\x80-\xff]+$/, 'it must be one line of printable characters');
const headers = refined(mapOf(headerName, headerValue), named => {
  const names = Object.keys(named);
  const same = (a: string) => (b: string) => a.toLowerCase() === b.toLowerCase();
  return names
    .filter((name, index) => names.findIndex(same(name)) < index)
    .map(name => ({
      at: nameSuffix(name),
      message: 'is there twice: case does not matter in header names',
      name: true,
    }));
});

const pemFile = text('a path', /^[^\0]+$/, 'write the path of a PEM file');

/** The backend and how to reach it. */
export const exporterSchema = section({
  endpoint: key(
    url({ example: 'http://localhost:4318', query: false }),
    'http://localhost:4318',
    'Base URL of the OTLP backend; `/v1/logs` is appended.',
    { variables: ['OTEL_EXPORTER_OTLP_ENDPOINT'], group: 'endpoint' },
  ),
  logs_endpoint: optional(
    url({ example: 'http://localhost:4318/v1/logs', query: true }),
    'The whole URL for logs, taken as it is; stronger than `endpoint`.',
    { variables: ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'], group: 'endpoint' },
  ),
  protocol: key(
    oneOf(['http/json', 'http/protobuf'], {
      grpc: 'is not spoken by this collector; write http/protobuf or http/json, and the HTTP port of the backend (usually 4318)',
    }),
    'http/json',
    'How records are encoded: http/json or http/protobuf.',
    { variables: exporterVariables('PROTOCOL') },
  ),
  compression: key(oneOf(['gzip', 'none']), 'gzip', 'How requests are compressed: gzip or none.', {
    variables: exporterVariables('COMPRESSION'),
  }),
  timeout: key(duration({ min: '1s', max: '5m' }), '10s', 'How long one attempt may take.', {
    variables: exporterVariables('TIMEOUT'),
    fromVariable: fromMilliseconds,
  }),
  headers: key(headers, [], 'Headers of every request, for example an authorization; values are secrets.', {
    variables: exporterVariables('HEADERS'),
    fromVariable: fromPairs,
    secret: true,
  }),
  tls: section({
    ca_file: optional(pemFile, 'PEM file of the authority that signed the certificate of the backend.', {
      variables: exporterVariables('CERTIFICATE'),
    }),
    cert_file: optional(pemFile, 'PEM file of the certificate to show to the backend.', {
      variables: exporterVariables('CLIENT_CERTIFICATE'),
      group: 'client',
    }),
    key_file: optional(pemFile, 'PEM file of the key of `cert_file`.', {
      variables: exporterVariables('CLIENT_KEY'),
      group: 'client',
    }),
  }),
  batch: section({
    max_records: key(
      integer({ min: 1, max: 1_000 }),
      100,
      'Most records in one request; one page of the API holds 100.',
    ),
    max_bytes: key(
      size({
        min: '16KiB',
        max: '3MB',
        because: 'Loki and the Collector refuse more than 4 MiB, and encoding adds to it',
      }),
      '2MiB',
      'Most bytes in one request, before compression.',
    ),
  }),
});
