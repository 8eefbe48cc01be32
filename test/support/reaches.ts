import type { Work } from '../../src/progress/progress.ts';
import type { Works } from '../../src/progress/works.ts';

/** Every word that long work said from now on of how far it was. */
export function reachesOf(works: Works): readonly (Work & { readonly done: number; readonly total: number })[] {
  const reaches: (Work & { done: number; total: number })[] = [];
  const begin = works.begin.bind(works);
  works.begin = work => {
    const task = begin(work);
    return {
      reached: reach => {
        reaches.push({ ...work, done: reach.done, total: reach.total });
        task.reached(reach);
      },
      end: () => task.end(),
    };
  };
  return reaches;
}
