import type { ProblemCode } from '../errors.ts';

/** Says something to the person who asked: the result is there all the same. `code` is what `explain` knows of it. */
export type Note = (text: string, code: ProblemCode) => void;
