import type { PlantedBug } from './bug.ts';

/** Ways of telling of things that never were; more of them are found by the readings in ../inventory/planted-bugs.ts. */
export const INVENTORY: readonly PlantedBug[] = [
  {
    name: 'a key of a new project is taken for an admin key',
    imitates: 'what is listed in the guise of something else',
    file: 'src/pipeline/inventory-disguised.ts',
    text: '(sighted?.has(id) === true || this.#traces.name(id))',
    replacement: 'true',
  },
  {
    name: 'a list that is being read is wanted again at once',
    imitates: 'a loop that lets nothing else happen',
    file: 'src/pipeline/inventory-disguised.ts',
    text: 'if (sources.some(this.#settings.isComing)) return undefined;',
    replacement: '',
  },
];
