import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { METRICS } from '../src/telemetry/metrics.ts';

const FOLDER = fileURLToPath(new URL('../alerts', import.meta.url));
const run = promisify(execFile);

const rules = readFile(`${FOLDER}/openai-audit-collector.yaml`, 'utf8');

it('the alerts ask only for metrics that there are', async () => {
  const asked = new Set((await rules).match(/\bopenai_collector_\w+/g));
  expect(asked.size).toBeGreaterThan(8);
  expect([...asked].filter(name => !Object.hasOwn(METRICS, name))).toEqual([]);
});

it('docs/operations.md says of every alert what to do', async () => {
  const document = await readFile(new URL('../docs/operations.md', import.meta.url), 'utf8');
  const alerts = [...(await rules).matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  expect(alerts.length).toBeGreaterThan(8);
  expect(alerts.filter(name => !document.includes(`| \`${name}\` |`))).toEqual([]);
});

const promtool = (...args: readonly string[]) => run('promtool', args, { cwd: FOLDER, timeout: 60_000 });
const lacksPromtool = promtool('--version').then(
  () => false,
  () => true,
);
const LACK = 'promtool is not installed (Debian: prometheus)';

it('promtool accepts the alerts and their tests, where Prometheus is installed', async ({ skip }) => {
  skip(await lacksPromtool, LACK);
  expect((await promtool('check', 'rules', 'openai-audit-collector.yaml')).stdout).toContain('SUCCESS');
  expect((await promtool('test', 'rules', 'openai-audit-collector.test.yaml')).stdout).toContain('SUCCESS');
});

it('promtool accepts the configuration of Prometheus and finds the alerts by it', async ({ skip }) => {
  skip(await lacksPromtool, LACK);
  const { stdout } = await promtool('check', 'config', '../config/prometheus.yaml');
  const alerts = (await rules).match(/- alert: /g)?.length;
  expect(stdout).toContain(`${alerts} rules found`);
});
