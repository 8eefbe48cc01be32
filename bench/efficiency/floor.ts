import { gzipSync } from 'node:zlib';
import { request } from 'undici';

/** The least that a collector can do: fetch each page, parse it, write it as JSON, compress it, post it. */
const { OPENAI_BASE_URL = '', OPENAI_ADMIN_KEY = '', OTEL_EXPORTER_OTLP_ENDPOINT = '' } = process.env;

interface Page {
  readonly data: readonly unknown[];
  readonly has_more: boolean;
  readonly last_id: string | null;
}

for (let page = await fetchPage(); ; page = await fetchPage(page.last_id)) {
  await post(page.data);
  if (!page.has_more) break;
}

async function fetchPage(after?: string | null): Promise<Page> {
  const query = after ? `&after=${after}` : '';
  const { body } = await request(`${OPENAI_BASE_URL}/organization/audit_logs?limit=100${query}`, {
    headers: { authorization: `Bearer ${OPENAI_ADMIN_KEY}` },
  });
  return JSON.parse(await body.text());
}

async function post(data: Page['data']): Promise<void> {
  const { body } = await request(`${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(data)),
  });
  await body.dump();
}
