import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';

const ROOT = new URL('../../', import.meta.url);

function ran(argv: readonly string[], nodeOptions: readonly string[] = []) {
  const { OPENAI_ADMIN_KEY: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, 'src/main.ts', ...argv], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** Lets the process believe that it is an older Node. */
function pretend(version: string): readonly string[] {
  const script = `Object.defineProperties(process, {
    version: { value: 'v${version}' }, versions: { value: { ...process.versions, node: '${version}' } } })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}

describe('the program', () => {
  it('prints its version', () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
    expect(ran(['--version'])).toEqual({ status: EXIT.ok, stdout: `${version}\n`, stderr: '' });
  });

  it.each(['20.19.0', '22.21.1', '23.11.0'])('says what it needs when Node is %s', version => {
    const { status, stdout, stderr } = ran(['--version'], pretend(version));
    expect([status, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toContain(`openai-audit-collector needs Node.js 24 or newer; this is v${version}. Install it from`);
  });

  it('runs on the oldest Node that it names', () => {
    expect(ran(['--version'], pretend('24.0.0')).status).toBe(EXIT.ok);
  });

  it('holds no static import before that check', () => {
    expect(readFileSync(new URL('src/main.ts', ROOT), 'utf8')).not.toMatch(/^\s*(?:import\s|export .* from)/m);
  });

  it('keeps what Node makes of the sources, and works where it may keep nothing', () => {
    expect(ran(['--version']).status).toBe(EXIT.ok);
    expect(existsSync(new URL('node_modules/.cache/compiled/', ROOT))).toBe(true);
    expect(ran(['--version'], ['--permission', '--allow-fs-read=*'])).toMatchObject({ status: EXIT.ok, stderr: '' });
  });

  it('explains a bad configuration and ends with 2', () => {
    const { status, stdout, stderr } = ran(['run', '--config', 'test/fixtures/config/misspelled.yaml']);
    expect([status, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toContain('4:5  organizations[0].admn_key: unknown key; did you mean `admin_key`?');
  });

  it('says both ways to name an organization when there is none', () => {
    const { status, stderr } = ran(['run']);
    expect(status).toBe(EXIT.usage);
    expect(stderr).toContain('name a configuration file with --config FILE, or set OPENAI_ADMIN_KEY');
  });
});
