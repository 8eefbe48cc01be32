import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const HOW = ['-D', '-qq'];

/**
 * Why no process can be traced here, or undefined where one can. Containers often forbid it: docker needs
 * `--cap-add SYS_PTRACE`.
 */
export const untraceable: string | undefined = tryTrace();

/** What storage and network come down to: `node:sqlite` and Node's sockets use no others that change anything. */
export const CALLS = ['pwrite64', 'fsync', 'ftruncate', 'unlink', 'write', 'writev', 'connect', 'shutdown'] as const;

export type Call = (typeof CALLS)[number];

/**
 * The command line that runs a program under strace, as its own child (-D): its signals and its end are the
 * program's. `when` as in strace(1): `5` is the fifth call of the main thread, `5+` that and all later ones.
 */
export function injecting(call: Call, what: `signal=${string}` | `error=${string}`, when: string): readonly string[] {
  // Not with --seccomp-bpf, which is faster: signals are then not sent.
  const injection = ['-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${when}`];
  return ['strace', ...HOW, '-f', '-o', '/dev/null', ...injection];
}

/** Writes every one of these calls to files, one for each thread: `<file>.<thread>`. */
export function tracing(file: string, calls: readonly string[], more: readonly string[] = []): readonly string[] {
  return ['strace', ...HOW, '-ff', '--seccomp-bpf', '-o', file, '-e', `trace=${calls.join()}`, ...more];
}

/** How often each call stands in a file of `tracing`. */
export function countCalls(file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, call] = /^(\w+)\(/.exec(line) ?? [];
    if (call !== undefined) counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return counts;
}

function tryTrace(): string | undefined {
  try {
    execFileSync('strace', [...HOW, '-f', '-o', '/dev/null', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: Buffer };
    return code === 'ENOENT' ? 'strace is not installed' : String(stderr).trim() || String(error);
  }
}
