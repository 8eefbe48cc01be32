import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess } from '../support/process.ts';
import { withOnly } from './support/alternatives.ts';
import { findBackend, JQ, OTELCOL } from './support/backend-binary.ts';
import { shownIn } from './support/recipe.ts';
import { type ListedEvent, type Scene, stage } from './support/scene.ts';

const otelcol = (await findBackend(OTELCOL)) ?? '';
const jq = (await findBackend(JQ)) ?? '';

const SUCCESS = { code: 0, signal: null };

describe.skipIf(otelcol === '' || jq === '')('what docs/backends/files.md shows', () => {
  it('finds in the files of a real Collector what was listed', async () => {
    const scene = await stage({ emulate: ['--seed', '7', '--history', '3d', '--rate', '0'], config: '' });
    await fillFiles(scene);
    const [flatten = '', failures = '', keys = '', digest = '', ...more] = await shownIn('files.md');
    expect(more).toEqual([]);
    const listed = await scene.listed();

    await shell(scene, flatten);
    const records = lines(await shell(scene, 'cat records.json')).map(line => JSON.parse(line));
    const uids = records.map(record => String(record['log.record.uid']));
    expect(uids.filter(uid => !uid.includes('/')).sort()).toEqual(listed.map(({ id }) => id).sort());

    const addresses = ofType(listed, 'login.failed').map(({ actor }) => actor?.session?.ip_address ?? 'null');
    expect(new Set(addresses).size).toBeGreaterThan(1);
    expect(counted(await shell(scene, failures))).toEqual(tally(addresses));
    const makers = ofType(listed, 'api_key.created').map(event => emailOf(event) ?? 'null');
    expect(makers).not.toEqual([]);
    expect(counted(await shell(scene, keys))).toEqual(tally(makers));

    const coverage = records.filter(record => record['event.name'] === 'openai.collector.coverage');
    const busy = coverage.find(record => Number(record['openai.collector.coverage.acknowledged']) > 2);
    const [from, to] = [busy['openai.collector.coverage.from'], busy['openai.collector.coverage.to']];
    const found = await shell(scene, digest, { stream: busy['openai.collector.stream'], from, to });
    expect(found).toBe(`${busy['openai.collector.coverage.digest']}  -\n`);
    expect(found).not.toContain(createHash('sha256').digest('hex'));
  });
});

/** As somebody would who switches the block on. */
async function fillFiles(scene: Scene): Promise<void> {
  const config = join(scene.directory, 'collector.yaml');
  await writeFile(config, await withOnly({ exporters: ['file'] }));
  const env = { OUTPUT_FILE: join(scene.directory, 'openai-audit.json') };
  const collector = await scene.collector({ binary: otelcol, config, env });
  const program = await scene.run(collector.endpoint, '--once');
  expect(await program.exited, program.stderr()).toEqual(SUCCESS);
}

async function shell(scene: Scene, command: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const run = await startProcess('bash', ['-euo', 'pipefail', '-c', command], { cwd: scene.directory, env });
  expect(await run.exited, `${command}\n${run.stderr()}`).toEqual(SUCCESS);
  return run.stdout();
}

function ofType(events: readonly ListedEvent[], type: string): readonly ListedEvent[] {
  return events.filter(event => event.type === type);
}

function emailOf({ actor }: ListedEvent): string | undefined {
  return actor?.session?.user?.email ?? actor?.api_key?.user?.email;
}

/** What `uniq -c` says. */
function counted(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    lines(text)
      .map(line => line.trim().split(' '))
      .map(([count, what]) => [what, Number(count)]),
  );
}

function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter(line => line !== '');
}
