import { chmodSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DEMO_KEY } from '../../src/emulator/emulator.ts';
import { freePort, type RunningProcess, startProcess, until } from '../support/process.ts';
import { openStage, type Stage } from '../support/stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = 'openai-audit-collector';
const PAGES = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT }).toSorted()];
/** How a command of ours begins. */
const STARTS = /^(?:npm start -- |openai-audit-collector )/;
/** They start what this project only feeds. */
const OTHERS = /\s*\|\s*(?:dot|cypher-shell|jq)\b.*$/;

/** Lines of the examples, which are indented or fenced. A line that ends in a backslash goes on in the next. */
function examples(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/ *\\\n\s*/g, ' ');
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n'));
  const indented = text.split('\n').filter(line => /^ {4,}\S/.test(line));
  return wholeLines([...fenced, ...indented].map(line => line.trim()));
}

/** A quotation that is open at the end of a line goes on in the next. */
function wholeLines(lines: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const line of lines) {
    const last = whole.at(-1);
    const isOpen = last !== undefined && STARTS.test(last) && last.split('"').length % 2 === 0;
    if (isOpen) whole.splice(-1, 1, `${last} ${line}`);
    else whole.push(line);
  }
  return whole;
}

const ours = PAGES.flatMap(page => examples(page).map(line => ({ page, line })))
  .map(({ page, line }) => ({ page, line: line.replace(/^npm start -- /, `${PROGRAM} `) }))
  .filter(({ line }) => line.startsWith(`${PROGRAM} `));
/** Scripts of package.json that a page names, in its sentences and tables too. */
const scripts = PAGES.flatMap(page => {
  const named = readFileSync(join(ROOT, page), 'utf8').matchAll(/\bnpm (?:run |(?=test\b))([\w:-]+)/g);
  return [...new Set([...named].map(([, name = '']) => name))].map(name => ({ page, name }));
});

describe('every command of the documents', () => {
  let directory: string;
  let env: Record<string, string>;
  let user: string;
  let scene: Stage;
  let collector: RunningProcess;
  /** The configuration of a collector that runs, and of one that does not. */
  let beside: string;
  let alone: string;

  beforeAll(async () => {
    scene = await openStage({
      content: { kind: 'story', seed: 'documents', historyMs: 2 * 86_400_000 },
      inventory: { enabled: true },
    });
    directory = scene.directory;
    beside = join(directory, 'beside.yaml');
    alone = join(directory, 'alone.yaml');
    writeFileSync(
      join(directory, PROGRAM),
      `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'src/main.ts')}" "$@"\n`,
    );
    chmodSync(join(directory, PROGRAM), 0o755);
    env = {
      PATH: `${directory}:${process.env.PATH}`,
      OPENAI_ADMIN_KEY: DEMO_KEY,
      OPENAI_BASE_URL: scene.api,
      OTEL_EXPORTER_OTLP_ENDPOINT: scene.backend.origin,
    };
    user = String(scene.emulator.organization.estate.users[0]?.id);
    const usual = JSON.parse(readFileSync(join(directory, 'config.yaml'), 'utf8'));
    const health = { endpoint: `localhost:${await freePort()}` };
    writeFileSync(beside, JSON.stringify({ ...usual, health }));
    writeFileSync(alone, JSON.stringify({ ...usual, storage: { path: join(directory, 'alone.db') } }));
    const first = await scene.run(['--once']);
    expect(await first.exited, first.stderr()).toEqual({ code: 0, signal: null });
    collector = await scene.command('run', ['--config', beside]);
    await collector.line(/"started"/);
    const isReady = async () => (await fetch(`http://${health.endpoint}/readyz`)).ok;
    await until('the collector to be ready', isReady);
    return scene.close;
  });

  it('is found', () => {
    expect(ours.length).toBeGreaterThan(12);
    expect(scripts.length).toBeGreaterThan(12);
  });

  it.each(ours)('$page: $line', { timeout: 120_000 }, async ({ line }) => {
    const command = line
      .replace(OTHERS, '')
      .replace(/\bCODE\b/, 'key-refused')
      .replace(/ \[[^\]]*\]/g, '')
      .replace(/(?<=--config )\S+/, line.includes(' run ') ? alone : beside)
      .replaceAll('user-abc', user);
    const program = await startProcess('/bin/sh', ['-c', `exec ${command}`], { cwd: directory, env });
    onTestFinished(async () => void (await program.end('SIGKILL')));
    if (staysUp(line)) await stop(program);
    const { code } = await program.exited;
    // A doctor in front of the emulator has something to say of plain HTTP or of Loki at most.
    expect(code, `${command}\n${program.stdout()}\n${program.stderr()}`).toBe(0);
  });

  it.each(scripts)('$page: npm run $name', ({ name }) => {
    const { scripts: known } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(Object.keys(known)).toContain(name);
  });
});

function staysUp(line: string): boolean {
  return / run\b/.test(line) && !line.includes('--once');
}

async function stop(program: RunningProcess): Promise<void> {
  await program.line(/"started"/, 60_000);
  await program.end('SIGTERM');
}
