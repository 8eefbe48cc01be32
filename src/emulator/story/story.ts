import type { AuditEvent } from '../audit-event.ts';
import { createDice } from '../random.ts';
import type { Deed } from './act.ts';
import { type Actor, NOBODY, signedIn } from './actor.ts';
import { createActs, precursorOf } from './acts/acts.ts';
import { Agenda, type Plan } from './agenda.ts';
import { createDeck } from './deck.ts';
import { furnish } from './furnish.ts';
import { activity, OFFICES } from './place.ts';
import { planScene, type Stage } from './scenes.ts';
import type { Size } from './site.ts';
import { createWorld, type World } from './world.ts';

/** Events a minute at an instant (Unix seconds); 0 for a pause. */
export type Pace = (atS: number) => number;

export interface Story {
  /** As it is at the time that was told last. */
  readonly world: World;
  /** Goes on to `untilS` (Unix seconds, included) and yields what happened, in the order of time. */
  tell(untilS: number, pace: Pace): Generator<AuditEvent, void>;
  /** Somebody does this at `atS` (Unix seconds), to what has the id `target` where it is given: the events of it. */
  act(type: string, atS: number, target?: string): readonly AuditEvent[];
  /** After a pause: what was due meanwhile happens from `atS` on instead. */
  resume(atS: number): void;
}

/** Average activity of an office over a week: what makes {@link workingDays} keep its daily average. */
const MEAN_ACTIVITY = 0.349;

/** Many events in working hours, few at night and at weekends; `perDay` on average. */
export function workingDays(perDay: number): Pace {
  let hour = -1;
  let perMinute = 0;
  return atS => {
    if (hour === Math.floor(atS / 3600)) return perMinute;
    hour = Math.floor(atS / 3600);
    const now = OFFICES.reduce((sum, office) => sum + activity(office, atS * 1000), 0) / OFFICES.length;
    perMinute = (perDay / 1440) * (now / MEAN_ACTIVITY);
    return perMinute;
  };
}

/** The life of an organization, the same for the same seed, start, size and pace. It begins at `startMs` (Unix milliseconds). */
export function createStory(seed: string, startMs: number, size: Size = {}): Story {
  const dice = createDice(seed);
  const world = createWorld(dice, startMs);
  furnish({ world, dice: createDice(`furnish ${seed}`), startS: Math.floor(startMs / 1000), size });
  const stage: Stage = { world, dice, agenda: new Agenda(), deck: createDeck(dice) };
  const acts = createActs();
  let sceneS = Math.ceil(startMs / 1000);
  let notBeforeS = sceneS;
  /** How many events the pace must still allow before the next scene. */
  let allowance = 0;
  let consequences = 0;

  function* perform(plan: Plan): Generator<AuditEvent, void> {
    const { person } = plan.actor;
    if (person !== undefined && !world.people.includes(person)) return;
    const atS = Math.max(plan.atS, notBeforeS);
    if (plan.actor.key) plan.actor.key.lastUsedAt = atS;
    const deed = (plan.act ?? acts.get(plan.type))?.({
      world,
      dice,
      nowS: atS,
      actor: plan.actor,
      ...(plan.target !== undefined && { target: plan.target }),
    });
    if (deed === undefined) return yield* prepare({ ...plan, atS });
    const actor = deed.actor ?? plan.actor;
    yield tellEvent(stage, plan.type, atS, actor, deed);
    for (const { afterS, ...next } of deed.follows ?? []) plot({ actor, ...next, atS: atS + afterS, unprepared: true });
  }

  /** Does what must come first, and plans the rest again. */
  function* prepare(plan: Plan): Generator<AuditEvent, void> {
    const type = precursorOf(plan.type);
    if (type === undefined || plan.unprepared) return;
    yield* perform({ type, atS: plan.atS, actor: plan.actor });
    plot({ ...plan, atS: plan.atS + dice.integer(60, 900) });
  }

  function plot(plan: Plan): void {
    consequences += 1;
    stage.agenda.add(plan);
  }

  /** Plans a scene. The next one comes when the pace has allowed as many events as this one planned. */
  function plan(): void {
    const before = stage.agenda.made;
    planScene(stage, sceneS);
    allowance += (stage.agenda.made - before + consequences) * -Math.log(1 - dice.next());
    consequences = 0;
  }

  return {
    world,
    *tell(untilS, pace) {
      for (;;) {
        const due = stage.agenda.nextS() <= Math.min(sceneS, untilS) ? stage.agenda.take() : undefined;
        if (due !== undefined) yield* perform(due);
        else if (allowance <= 0 && pace(sceneS) > 0) plan();
        else if (sceneS >= untilS) return;
        else {
          // Second by second, so that the story does not depend on how often it is asked to go on.
          sceneS += 1;
          allowance -= pace(sceneS) / 60;
        }
      }
    },
    act(type, atS, target) {
      const owner = world.people.find(({ role }) => role === 'owner') ?? world.people[0];
      const actor = owner === undefined ? NOBODY : signedIn(owner, atS * 1000, dice);
      return [...perform({ type, atS, actor, unprepared: true, ...(target !== undefined && { target }) })];
    },
    resume(atS) {
      notBeforeS = Math.max(notBeforeS, atS);
      sceneS = Math.max(sceneS, atS);
    },
  };
}

function tellEvent({ world, dice }: Stage, type: string, atS: number, actor: Actor, deed: Deed): AuditEvent {
  const project = deed.project ?? (isKey(actor) ? world.defaultProject() : undefined);
  return {
    object: 'organization.audit_log',
    id: `audit_log-${dice.alphanumerics(24)}`,
    type,
    effective_at: atS,
    ...(project && { project: { id: project.id, name: project.name } }),
    actor: actor.json,
    ...(deed.payload !== undefined && { [type]: deed.payload }),
  };
}

/** What is done with a key of the organization is listed under its default project. */
function isKey(actor: Actor): boolean {
  return (actor.json as { readonly type?: string } | null)?.type === 'api_key';
}
