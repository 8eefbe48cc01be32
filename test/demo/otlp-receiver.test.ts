import { expect, onTestFinished, test } from 'vitest';
import { type ReceivedRecord, startOtlpReceiver } from '../../src/demo/otlp-receiver.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { freePort } from '../support/process.ts';

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const request = JSON.stringify({
  resourceLogs: [
    {
      resource: { attributes: [attribute('service.name', 'openai-audit')] },
      scopeLogs: [
        {
          scope: { name: 'test', version: '1' },
          logRecords: [
            { timeUnixNano: '1000000000', severityNumber: 9, attributes: [attribute('log.record.uid', 'audit_log-1')] },
          ],
        },
      ],
    },
  ],
});

async function receiving(forwardTo?: string, onRecord: (record: ReceivedRecord) => void = () => {}) {
  const receiver = await startOtlpReceiver({ forwardTo, onRecord });
  onTestFinished(receiver.close);
  const post = (body: string) =>
    fetch(`${receiver.endpoint}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer mine' },
      body,
    });
  return { receiver, post };
}

test('counts each record as often as it was acknowledged', async () => {
  const { receiver, post } = await receiving();
  expect((await post(request)).status).toBe(200);
  expect((await post(request)).status).toBe(200);
  expect([...receiver.received]).toEqual([['audit_log-1', 2]]);
});

test('hears of the inventory once, and counts it among no events', async () => {
  const heard: ReceivedRecord[] = [];
  const { receiver, post } = await receiving(undefined, record => heard.push(record));
  const change = request
    .replace('"openai-audit"', '"openai-inventory"')
    .replace('"severityNumber":9', '"severityNumber":9,"body":{"stringValue":"added: a key"}');
  for (const body of [change, change, request.replace('"openai-audit"', '"openai-audit-collector"')]) await post(body);
  expect(heard.map(({ about, text }) => [about, text])).toEqual([['inventory', 'added: a key']]);
  expect(receiver.received.size).toBe(0);
});

test('refuses what is no JSON', async () => {
  const { post } = await receiving();
  expect((await post('{')).status).toBe(400);
});

test('passes a request on with its headers, and the answer back', async () => {
  const backend = await startOtlpServer();
  onTestFinished(backend.close);
  const { receiver, post } = await receiving(backend.logsUrl);
  backend.answer({ status: 429, headers: { 'retry-after': '7' }, body: '{"message":"slow down"}' }, {});
  const refused = await post(request);
  expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([
    429,
    '7',
    '{"message":"slow down"}',
  ]);
  expect(receiver.received.size).toBe(0);
  expect((await post(request)).status).toBe(200);
  expect(receiver.received.size).toBe(1);
  expect(backend.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer mine', 'Bearer mine']);
});

test('follows no redirect, as the collector would not', async () => {
  const backend = await startOtlpServer();
  onTestFinished(backend.close);
  backend.answer({ status: 307, headers: { location: backend.logsUrl } }, {});
  const { receiver, post } = await receiving(backend.logsUrl);
  expect((await post(request)).status).toBe(307);
  expect(receiver.received.size).toBe(0);
});

test('names the backend that it cannot reach, and why, with a status that makes nobody halve batches', async () => {
  const url = `http://127.0.0.1:${await freePort()}/v1/logs`;
  const { receiver, post } = await receiving(url);
  const response = await post(request);
  expect([response.status, await response.json()]).toEqual([502, { message: `cannot reach ${url}: ECONNREFUSED` }]);
  expect(receiver.received.size).toBe(0);
});
