import { expect, test } from 'vitest';
import { collectorEnvironment } from '../../src/demo/environment.ts';

const theirs = {
  PATH: '/bin',
  OPENAI_ADMIN_KEY: 'sk-admin-real',
  OPENAI_BASE_URL: 'https://api.openai.com/v1',
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://backend.example.com/v1/logs',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=one',
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'authorization=two',
  OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=theirs',
};
const own = { OPENAI_ADMIN_KEY: 'sk-admin-demo', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test('leaves out every variable that configures a collector, and sets its own', () => {
  expect(collectorEnvironment(theirs, { own, keepHeaders: false })).toEqual({ PATH: '/bin', ...own });
});

test('keeps the headers alone for a backend of the person’s', () => {
  expect(collectorEnvironment(theirs, { own, keepHeaders: true })).toEqual({
    PATH: '/bin',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=one',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'authorization=two',
    ...own,
  });
});
