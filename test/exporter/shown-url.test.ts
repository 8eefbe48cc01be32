import { expect, test } from 'vitest';
import { shownUrl } from '../../src/exporter/shown-url.ts';

test.each([
  ['origin and path', 'http://127.0.0.1:4318/v1/logs', 'http://127.0.0.1:4318/v1/logs'],
  ['no credentials', 'https://user:pa55word@otel.example.com/otlp/v1/logs', 'https://otel.example.com/otlp/v1/logs'],
  ['no query or fragment', 'https://otel.example.com/v1/logs?key=s3cr3t#s3cr3t', 'https://otel.example.com/v1/logs'],
  [
    'no token in the path',
    'https://otel.example.com/receiver/v1/otlp/ZaVnC4dhaV1uXo8PsjQ2k9XyZ/v1/logs',
    'https://otel.example.com/receiver/v1/otlp/.../v1/logs',
  ],
])('shows %s', (_name, url, shown) => {
  expect(shownUrl(new URL(url))).toBe(shown);
});
