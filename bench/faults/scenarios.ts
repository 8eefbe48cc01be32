import type { Scenario } from './scenario.ts';
import { answers } from './scenarios/answers.ts';
import { arrivals } from './scenarios/arrival.ts';
import { costs } from './scenarios/cost.ts';
import { failures } from './scenarios/failures.ts';

export const SCENARIOS: readonly Scenario[] = [...arrivals, ...answers, ...failures, ...costs];
