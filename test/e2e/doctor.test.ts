import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEMO_KEY } from '../../src/emulator/emulator.ts';
import { stage } from './stage.ts';

const CONTENT = { kind: 'story', seed: '1', historyMs: 3_600_000 } as const;

interface Shown {
  readonly mark: string;
  readonly check: string;
  readonly says?: string;
  readonly code?: string;
}

function checksOf(json: string): readonly Shown[] {
  return JSON.parse(json).checks;
}

describe('doctor', () => {
  it('passes beside a running collector, which goes on', async () => {
    const { run, command } = await stage({ content: CONTENT, inventory: { enabled: true } });
    const collector = await run();
    await collector.line(/started/);
    const doctor = await command('doctor', ['--json']);
    expect([await doctor.exited, doctor.stderr()]).toEqual([{ code: 0, signal: null }, '']);
    const checks = checksOf(doctor.stdout());
    expect(checks.filter(({ mark }) => mark === 'warn' || mark === 'fail')).toEqual([]);
    expect(checks.find(({ check }) => check === 'state-holder')?.says).toBe('a collector runs on it');
    expect((await collector.end()).code).toBe(0);
  });

  it('ends with 12 for a key that is refused, and shows nothing of it', async () => {
    const { emulator, command } = await stage({ content: CONTENT });
    emulator.keys.revoke(DEMO_KEY);
    const doctor = await command('doctor');
    expect((await doctor.exited).code).toBe(12);
    expect(doctor.stdout()).toContain('× the API takes the key');
    expect(doctor.stdout()).toContain('[key-refused]');
    expect(doctor.stdout()).not.toContain(DEMO_KEY);
  });

  it('says so when there is no configuration, and ends with 2', async () => {
    const { command } = await stage({ content: CONTENT });
    const doctor = await command('doctor', ['--config', '/nowhere.yaml', '--json']);
    expect((await doctor.exited).code).toBe(2);
    expect(checksOf(doctor.stdout()).map(({ mark }) => mark)).toEqual(['ok', 'fail', 'skipped']);
  });

  it('gives each problem of a configuration a line of its own', async () => {
    const { directory, command } = await stage({ content: CONTENT });
    const path = join(directory, 'bad.yaml');
    await writeFile(path, 'exporter:\n  timeuot: 10s\n  protocol: grpc\norganizations: []\n');
    const doctor = await command('doctor', ['--config', path]);
    expect((await doctor.exited).code).toBe(2);
    expect(doctor.stdout()).toMatch(/^ {6}2:3 +exporter\.timeuot: unknown key; did you mean `timeout`\?$/m);
    expect(doctor.stdout()).toMatch(/^ {6}3:13 exporter\.protocol: /m);
  });
});
