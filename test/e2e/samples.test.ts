import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { DEMO_KEY } from '../../src/emulator/emulator.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { startProgram, temporaryDirectory } from '../support/process.ts';

/** Events of a live organization, where they are at hand; else our own, in the same shapes. */
const SAMPLES = fileURLToPath(new URL('../../../shared/samples/audit-logs', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../fixtures/events', import.meta.url));

async function eventFiles(): Promise<readonly string[]> {
  const live = (await readdir(SAMPLES).catch(() => [])).filter(name => name.startsWith('live-'));
  if (live.length > 0) return live.map(name => join(SAMPLES, name));
  // What JSON cannot carry unchanged through a number or a text is another test's matter.
  const names = (await readdir(FIXTURES)).filter(name => name.endsWith('.json') && !name.startsWith('odd-'));
  return names.map(name => join(FIXTURES, name));
}

it('delivers events of years ago from a folder of JSON files, complete and unchanged', async () => {
  const { path: directory, remove } = await temporaryDirectory();
  onTestFinished(remove);
  const files = await eventFiles();
  const events = (await Promise.all(files.map(async file => JSON.parse(await readFile(file, 'utf8'))))).flat();
  const folder = join(directory, 'events');
  await mkdir(folder);
  await Promise.all(files.map(file => copyFile(file, join(folder, basename(file)))));
  await writeFile(join(directory, 'config.yaml'), configuration(join(directory, 'state.db')));

  const emulator = await startProgram(['emulate', '--port', '0', '--events', folder]);
  onTestFinished(async () => void (await emulator.end()));
  const [url] = await emulator.line(/http:\/\/127\.0\.0\.1:\d+\/v1/);
  const backend = await startOtlpServer();
  onTestFinished(() => backend.close());
  const program = await startProgram(['run', '--once', '--config', join(directory, 'config.yaml')], {
    env: { OPENAI_ADMIN_KEY: DEMO_KEY, OPENAI_BASE_URL: url, OTEL_EXPORTER_OTLP_ENDPOINT: backend.origin },
  });
  expect(await program.exited, program.stderr()).toEqual({ code: 0, signal: null });

  const records = backend.requests
    .flatMap(request => request.records)
    .filter(({ resource }) => resource['service.name'] === 'openai-audit');
  expect(records).toHaveLength(events.length);
  const byUid = new Map(records.map(record => [record.uid, record]));
  for (const event of events) {
    expect(byUid.get(event.id)?.body, event.id).toEqual({ object: 'organization.audit_log', ...event });
  }
});

function configuration(state: string): string {
  return `
organizations: [{ audit_logs: { start_from: beginning } }]
storage: { path: ${JSON.stringify(state)} }
`;
}
