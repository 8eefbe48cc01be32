import type { Dice } from '../random.ts';
import type { Actor } from './actor.ts';
import type { Project, Thing, World } from './world.ts';

/** The moment at which somebody does something. */
export interface Scene {
  readonly world: World;
  readonly dice: Dice;
  /** Unix seconds. */
  readonly nowS: number;
  readonly actor: Actor;
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

type Tell = (thing: Thing, scene: Scene) => object;

/** Makes a new thing of a kind. `prefix` begins its id; its project, when `scoped`, is one that is active. */
export function makes(kind: string, prefix: string, names: readonly string[], tell: Tell, scoped = false): Act {
  return scene => {
    const { world, dice } = scene;
    const project = scoped ? dice.pick(world.activeProjects()) : undefined;
    const made = { id: prefix + dice.alphanumerics(16), name: dice.pick(names), ...(project && { project }) };
    world.stock(kind).push(made);
    return deed(made, { id: made.id, ...tell(made, scene) });
  };
}

export function changes(kind: string, tell: Tell): Act {
  return scene => {
    const stock = scene.world.stock(kind);
    if (stock.length === 0) return undefined;
    const changed = scene.dice.pick(stock);
    return deed(changed, { id: changed.id, ...tell(changed, scene) });
  };
}

export function removes(kind: string, tell: Tell = () => ({})): Act {
  return scene => {
    const stock = scene.world.stock(kind);
    const [removed] = stock.splice(scene.dice.integer(0, stock.length - 1), 1);
    return removed && deed(removed, { id: removed.id, ...tell(removed, scene) });
  };
}

function deed({ project }: Thing, payload: object): Deed {
  return { payload, ...(project && { project }) };
}
