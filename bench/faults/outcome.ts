import { openStorage } from '../../src/storage/sqlite.ts';
import { ORGANIZATION } from '../../test/support/stage.ts';
import type { Scenario } from './scenario.ts';
import { World } from './world.ts';

/** What came of a scenario, by the ids at both ends. */
export interface Outcome {
  readonly events: number;
  /** Listed, and neither held by the backend nor parked. */
  readonly lost: number;
  /** Records beyond the first of each event. */
  readonly doubled: number;
  readonly parked: number;
  readonly requests: number;
  /** Of events that happened while the collector ran. */
  readonly delay: { readonly p50Ms: number; readonly maxMs: number } | undefined;
  readonly tookMs: number;
  /** Why the scenario failed; none when it passed. */
  readonly failures: readonly string[];
  /** The end of what the collector said, when it failed. */
  readonly said: string;
}

/** What comes twice mostly comes at the next polls. */
const AFTERWARDS_MS = 2_500;

/** Plays a scenario and judges it. */
export async function play(scenario: Scenario): Promise<Outcome> {
  const startedMs = performance.now();
  const world = await World.open(scenario);
  const failures: string[] = [];
  try {
    await scenario.play(world).catch(error => failures.push(String(error)));
    await world.passes(AFTERWARDS_MS);
    const requests = world.api.requests.total;
    await world.end();
    const found = { ...(await judge(world)), requests };
    failures.push(...exceeded(scenario, world.parks, found));
    const said = failures.length === 0 ? '' : world.said.split('\n').slice(-25).join('\n');
    return { ...found, tookMs: performance.now() - startedMs, failures, said };
  } finally {
    await world.close();
  }
}

async function judge(world: World) {
  const listed = world.stage.listed();
  const { stored } = world.backend;
  const parked = await parkedIds(world);
  const known = new Set([...listed, ...world.withdrawn]);
  return {
    events: known.size,
    lost: listed.filter(id => !stored.has(id) && !parked.has(id)).length,
    doubled: [...stored.values()].reduce((sum, times) => sum + times - 1, 0),
    parked: parked.size,
    invented: [...stored.keys()].filter(id => !known.has(id)).length,
    delay: delays(world),
  };
}

async function parkedIds({ stage }: World): Promise<ReadonlySet<string>> {
  const storage = await openStorage(stage.state, { readOnly: true });
  try {
    return new Set((await storage.parked(ORGANIZATION)).map(event => event.uid));
  } finally {
    await storage.close();
  }
}

function delays({ arrivals, backend }: World): Outcome['delay'] {
  const sorted = [...arrivals]
    .flatMap(([id, atMs]) => {
      const storedAtMs = backend.storedAtMs(id);
      return storedAtMs === undefined ? [] : [storedAtMs - atMs];
    })
    .sort((a, b) => a - b);
  const maxMs = sorted.at(-1);
  const p50Ms = sorted[Math.floor(sorted.length / 2)];
  return maxMs === undefined || p50Ms === undefined ? undefined : { p50Ms, maxMs };
}

function exceeded(
  scenario: Scenario,
  parks: number,
  found: Awaited<ReturnType<typeof judge>> & Pick<Outcome, 'requests'>,
): readonly string[] {
  const { mostDoubled = 0, mostDelayMs, mostRequests } = scenario;
  const maxMs = found.delay?.maxMs ?? 0;
  return [
    ...(found.lost > 0 ? [`${found.lost} lost`] : []),
    ...(found.doubled > mostDoubled ? [`${found.doubled} doubled, at most ${mostDoubled} may be`] : []),
    ...(found.parked === parks ? [] : [`${found.parked} parked, not ${parks}`]),
    ...(found.invented > 0 ? [`${found.invented} that never were`] : []),
    ...(mostDelayMs !== undefined && maxMs > mostDelayMs ? [`${Math.round(maxMs)} ms late, not ${mostDelayMs}`] : []),
    ...(mostRequests !== undefined && found.requests > mostRequests
      ? [`${found.requests} requests, not ${mostRequests}`]
      : []),
  ];
}
