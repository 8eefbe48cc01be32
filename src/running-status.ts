import { resolve } from 'node:path';
import type { Clock } from './clock.ts';
import type { Config, ListenOn } from './config/config.ts';
import type { Progress, Task, Work } from './progress/progress.ts';
import type { Status, WorkStatus } from './telemetry/status.ts';

const ANSWER_MS = 5_000;
const LOOK_MS = 1_000;

/** What the collector of this state says; undefined when none answers there, or another one. */
export async function statusOfRunning(
  { health: { endpoint }, storage }: Config,
  signal: AbortSignal,
): Promise<Status | undefined> {
  if (endpoint === undefined || endpoint.port === 0) return undefined;
  try {
    const answer = await fetch(`${urlOf(endpoint)}/status`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      redirect: 'error',
    });
    const said = (await answer.json()) as Status;
    return answer.ok && said.storage?.path === resolve(storage.path) ? said : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/**
 * Says of long work of one kind how far the collector is that works on this state, as far as its status page tells, until
 * `ended` aborts. Never rejects.
 */
export async function followRunning(
  config: Config,
  kind: Work['kind'],
  { progress, clock }: Looking,
  ended: AbortSignal,
): Promise<void> {
  let tasks: ReadonlyMap<string, Task> = new Map();
  while (!ended.aborted) {
    const status = await statusOfRunning(config, ended).catch(() => undefined);
    const works = (status?.organizations ?? []).flatMap(({ name, works }) =>
      works.filter(work => work.kind === kind).map(work => ({ ...work, organization: name })),
    );
    const told = new Map(works.map(work => [`${work.organization}/${work.stream}`, work]));
    for (const [key, task] of tasks) if (!told.has(key)) task.end();
    tasks = new Map(Array.from(told, ([key, work]) => [key, retold(work, tasks.get(key), { progress, clock })]));
    await clock.sleep(LOOK_MS, ended).catch(() => undefined);
  }
}

interface Looking {
  readonly progress: Progress;
  readonly clock: Clock;
}

/** Another process knows best when it ends. */
function retold(
  { kind, organization, stream, unit, done, total, endsAtMs }: WorkStatus & { readonly organization: string },
  known: Task | undefined,
  { progress, clock }: Looking,
): Task {
  const work = { kind, organization, ...(stream === undefined ? {} : { stream }), unit };
  const task = known ?? progress.begin(work, done);
  task.reached({ done, total, leastMs: () => Math.max(0, (endsAtMs ?? 0) - clock.nowMs()) });
  return task;
}

/** A server at every address of a machine is asked at the loopback one. */
function urlOf({ host, port }: ListenOn): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
