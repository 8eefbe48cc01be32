import { dropThing, type Kind, type Project, type Stocks, type Thing } from '../estate.ts';
import type { Dice } from '../random.ts';
import type { Actor } from './actor.ts';
import type { World } from './world.ts';

/** The moment at which somebody does something. */
export interface Scene {
  readonly world: World;
  readonly dice: Dice;
  /** Unix seconds. */
  readonly nowS: number;
  readonly actor: Actor;
  /** Id of what it is to be done to; by chance unless given. */
  readonly target?: string;
}

/** What was done, as far as the event shows it. Without `payload` the event has no property of its type's name. */
export interface Deed {
  readonly payload?: unknown;
  readonly project?: Project;
  /** When it was somebody else than the scene's actor. */
  readonly actor?: Actor;
  /** What comes of it. */
  readonly follows?: readonly Consequence[];
}

export interface Consequence {
  readonly type: string;
  /** Instead of the type's own act. */
  readonly act?: Act;
  readonly afterS: number;
  readonly actor?: Actor;
}

/** Changes the world and tells what was done; undefined when there is nothing to do it to. */
export type Act = (scene: Scene) => Deed | undefined;

/** The payload besides the id. */
type Tell<T> = (thing: T, scene: Scene) => object;

export interface Making<K extends Kind> {
  /** Begins the id. */
  readonly prefix: string;
  readonly names: readonly string[];
  /** It belongs to a project that is active. */
  readonly scoped?: boolean;
  /** What a thing of the kind has besides what every thing has. */
  readonly made: (thing: Thing, scene: Scene) => Stocks[K];
  readonly tell: Tell<Stocks[K]>;
}

/** Makes a new thing of a kind. */
export function makes<K extends Kind>(kind: K, { prefix, names, scoped, made, tell }: Making<K>): Act {
  return scene => {
    const { world, dice, nowS } = scene;
    const project = scoped ? chosen(scene, world.activeProjects()) : undefined;
    const head = { id: prefix + dice.alphanumerics(16), name: dice.pick(names), createdAt: nowS, facts: {} };
    const thing = made({ ...head, ...(project && { project }) }, scene);
    world.stock(kind).push(thing);
    return deed(thing, { id: thing.id, ...tell(thing, scene) });
  };
}

/** `tell` changes the thing and says how. */
export function changes<K extends Kind>(kind: K, tell: Tell<Stocks[K]>): Act {
  return scene => {
    const changed = chosen<Stocks[K]>(scene, scene.world.stock(kind));
    return changed && deed(changed, { id: changed.id, ...tell(changed, scene) });
  };
}

/** The first `kept` of the kind stay, unless one of them is the target. */
export function removes<K extends Kind>(kind: K, tell: Tell<Stocks[K]> = () => ({}), kept = 0): Act {
  return scene => {
    const removed = chosen<Stocks[K]>(scene, scene.world.stock(kind).slice(scene.target === undefined ? kept : 0));
    if (removed === undefined) return undefined;
    dropThing(scene.world, kind, removed);
    return deed(removed, { id: removed.id, ...tell(removed, scene) });
  };
}

/** The scene's target, or any; undefined when there is none. */
export function chosen<T extends { readonly id: string }>(
  { dice, target }: Scene,
  things: readonly T[],
): T | undefined {
  if (target !== undefined) return things.find(({ id }) => id === target);
  return things.length === 0 ? undefined : dice.pick(things);
}

/** Changes facts of a thing, in the form of the API. */
export function learn(thing: Thing, facts: Thing['facts']): void {
  thing.facts = { ...thing.facts, ...facts };
}

function deed({ project }: Thing, payload: object): Deed {
  return { payload, ...(project && { project }) };
}
