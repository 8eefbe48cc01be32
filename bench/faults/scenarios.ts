import type { Scenario } from './scenario.ts';
import { answers } from './scenarios/answers.ts';
import { arrivals } from './scenarios/arrival.ts';
import { failures } from './scenarios/failures.ts';

export const SCENARIOS: readonly Scenario[] = [...arrivals, ...answers, ...failures];
