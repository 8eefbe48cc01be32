import { access, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { startProgram, temporaryDirectory, until } from '../support/process.ts';
import { received, unique } from './stage.ts';

const COMPLETE = /^ {2}verdict: complete/m;

async function demo(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const directory = await temporaryDirectory();
  const program = await startProgram(['demo', ...args], { env: { TMPDIR: directory.path, ...env } });
  onTestFinished(async () => {
    await program.end();
    await directory.remove();
  });
  return { ...program, left: () => readdir(directory.path) };
}

async function backend(): Promise<OtlpServer> {
  const server = await startOtlpServer();
  onTestFinished(server.close);
  return server;
}

/** How many events the demo says that the API lists. */
const listed = (stdout: string) => Number(/listed by the API +([\d,]+)/.exec(stdout)?.[1]?.replaceAll(',', ''));

/** Of the only child of a process. */
async function childOf(pid: number): Promise<number> {
  const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  if (!child) throw new Error(`${pid} has no child`);
  return Number(child);
}

/** A zombie has ended, whether or not anybody took note of it. */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' || /\) [ZX] /.test(stat);
}

const canSeeChildren = await access(`/proc/self/task/${process.pid}/children`).then(
  () => true,
  () => false,
);

describe('the demo', () => {
  it('ends by itself with --once, and listens to no variable of the person', async () => {
    const theirs = await backend();
    const { exited, stdout, stderr, left } = await demo(['--once'], {
      OPENAI_ADMIN_KEY: 'sk-admin-theirs',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: theirs.logsUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=theirs',
    });
    expect(await exited, stderr()).toEqual({ code: EXIT.ok, signal: null });
    expect(stdout()).toMatch(/^\d\d:\d\d:\d\d inventory Inventory of demo: \d+ things, complete, /m);
    expect(stdout()).toMatch(/^ {2}missing +0$/m);
    expect(stdout()).toMatch(COMPLETE);
    expect([stderr(), theirs.connections, await left()]).toEqual(['', 0, []]);
  });

  it('passes everything on to a backend of the person, with their headers for it', async () => {
    const theirs = await backend();
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=acme' };
    const { exited, stdout, stderr } = await demo(['--once', '--endpoint', `${theirs.origin}/`], headers);
    expect(await exited, stderr()).toEqual({ code: EXIT.ok, signal: null });
    expect(unique(received(theirs))).toHaveLength(listed(stdout()));
    expect(new Set(theirs.requests.map(request => request.headers['x-tenant']))).toEqual(new Set(['acme']));
  });

  it('shows life, and ends with a verdict on SIGINT', async () => {
    const { line, end, stdout, stderr } = await demo(['--rate', '120']);
    await line(/^\d\d:\d\d:\d\d live \[\w{4}\] \S+ +\S/, 60_000);
    await line(/^now live/, 60_000);
    await line(/^\d\d:\d\d:\d\d inventory (added|changed|removed) by \S+: /, 60_000);
    expect(await end('SIGINT', 60_000), stderr() + stdout()).toEqual({ code: EXIT.ok, signal: null });
    expect(stdout()).toContain('stopping: life ends; waiting up to 15 s for what is still on its way\n');
    expect(stdout()).toMatch(COMPLETE);
  });

  it.skipIf(!canSeeChildren)('takes its collector along when it is killed', async () => {
    const { pid, line, end } = await demo([]);
    await line(/^history: .*25 %/, 60_000);
    const collector = await childOf(pid);
    expect(await hasEnded(collector)).toBe(false);
    await end('SIGKILL');
    await until('the end of the collector', () => hasEnded(collector), 15_000);
  });

  it('leaves no files when a second signal ends it, nor a verdict that it does not know', async () => {
    const theirs = await backend();
    theirs.answer({ how: 'hang' });
    const { line, end, stdout, left, pid } = await demo(['--endpoint', theirs.origin]);
    await until('a request', () => theirs.requests.length > 0);
    expect(await left()).toHaveLength(1);
    process.kill(pid, 'SIGINT');
    await line(/^stopping/);
    expect(await end('SIGINT')).toEqual({ code: EXIT.failed, signal: null });
    await until('the state to be gone', async () => (await left()).length === 0);
    expect(stdout()).not.toContain('verdict:');
  });

  it('fails when a backend took not everything', async () => {
    const theirs = await backend();
    const refused = new Set<string>();
    theirs.answerWith(({ records }) => {
      const [first] = records.filter(({ resource }) => resource['service.name'] === 'openai-audit');
      if (refused.size === 0 && first !== undefined) refused.add(first.uid);
      return records.some(({ uid }) => refused.has(uid)) ? { status: 400, body: '{"message":"no"}' } : {};
    });
    const { exited, stdout } = await demo(['--once', '--endpoint', theirs.origin]);
    expect((await exited).code).toBe(EXIT.failed);
    expect(stdout()).toMatch(new RegExp(`^ {2}missing +1 {2}${[...refused][0]}$`, 'm'));
    expect(stdout()).toContain('verdict: INCOMPLETE');
  });
});
