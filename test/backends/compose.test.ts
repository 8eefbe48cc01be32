import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startProcess } from '../support/process.ts';
import { COMPOSE, findBackend } from './support/backend-binary.ts';

const binary = (await findBackend(COMPOSE)) ?? '';
const FILE = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));

/** What the tests read of a project as Docker Compose sees it. */
interface Project {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly network_mode?: string;
  readonly ports?: readonly { readonly host_ip?: string }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string }[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

/** Its image holds one program and no way to ask it. */
const UNCHECKED = ['otel-collector'];

describe.skipIf(binary === '')('docker-compose.yml, as Docker Compose reads it', () => {
  let project: Project;
  let services: readonly (readonly [string, Service])[];

  beforeAll(async () => {
    project = await read({ OPENAI_ADMIN_KEY: 'sk-admin-secret' });
    services = Object.entries(project.services);
  });

  it('needs no key to show the demo', async () => {
    expect(Object.keys((await read({})).services)).toContain('demo');
  });

  it('is valid and has all that the way takes', () => {
    expect(Object.keys(project.services).sort()).toEqual([
      'demo',
      'emulator',
      'grafana',
      'live',
      'loki',
      'otel-collector',
      'prometheus',
    ]);
  });

  it('opens ports to this machine only', () => {
    const hosts = services.flatMap(([, { ports = [] }]) => ports.map(port => port.host_ip));
    expect([...new Set(hosts)]).toEqual(['127.0.0.1']);
  });

  it('names every image with its version, of Loki and the Collector those that the tests build', async () => {
    const images = services.flatMap(([, { image, build }]) => (build === undefined ? [image] : []));
    expect(images).toContain(`grafana/loki:${await versionOf('loki', 'github.com/grafana/loki/v3')}`);
    const receiver = 'go.opentelemetry.io/collector/receiver/otlpreceiver';
    expect(images).toContain(`otel/opentelemetry-collector-contrib:${await versionOf('collector', receiver)}`);
    for (const image of images) expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+$/);
  });

  it('mounts only what is there', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.filter(({ type }) => type === 'bind'));
    expect(mounted.length).toBeGreaterThan(3);
    for (const { source } of mounted) expect(existsSync(source), source).toBe(true);
  });

  it('asks every service for its health', () => {
    const unasked = services
      .filter(([, { healthcheck }]) => (healthcheck?.test ?? []).length < 2)
      .map(([name]) => name);
    expect(unasked).toEqual(UNCHECKED);
  });

  it('keeps what is stored in a volume of its own', () => {
    const kept = services.flatMap(([name, { volumes = [] }]) =>
      volumes.filter(({ type }) => type === 'volume').map(({ source }) => [name, source]),
    );
    expect(kept).toEqual(['demo', 'grafana', 'live', 'loki', 'prometheus'].map(name => [name, name]));
  });

  it('lets Prometheus ask demo and live where they listen', async () => {
    const config = await readFile(new URL('../../config/prometheus.yaml', import.meta.url), 'utf8');
    const [job] = parse(config).scrape_configs;
    const listen = ['demo', 'live'].map(name => {
      const { prometheus } = parse(project.configs[name]?.content ?? '').telemetry.metrics;
      const host = project.services[name]?.network_mode?.replace('service:', '') ?? name;
      return prometheus.replace('0.0.0.0', host);
    });
    expect(job.static_configs[0].targets).toEqual(listen);
  });

  it('hands the key over in a file, not in an environment', () => {
    expect(JSON.stringify(services)).not.toContain('sk-admin-secret');
    const [organization] = parse(project.configs.live?.content ?? '').organizations;
    // Docker Compose makes one dollar of two when it writes the file.
    expect(organization.admin_key.replace('$$', '$')).toBe('$'.concat('{file:/run/secrets/openai_admin_key}'));
  });
});

async function read(env: Readonly<Record<string, string>>): Promise<Project> {
  const run = await startProcess(binary, [FILE], { env });
  expect(await run.exited, run.stderr()).toEqual({ code: 0, signal: null });
  return JSON.parse(run.stdout());
}

async function versionOf(folder: string, module: string): Promise<string | undefined> {
  const text = await readFile(new URL(`./${folder}/go.mod`, import.meta.url), 'utf8');
  return new RegExp(`${module} v(\\S+)`).exec(text)?.[1];
}
