import type { Measure } from './figure.ts';
import { backfill } from './measures/backfill.ts';
import { delays } from './measures/delay.ts';
import { idle } from './measures/idle.ts';
import { startUp } from './measures/start-up.ts';
import { state } from './measures/state.ts';

export const MEASURES: readonly Measure[] = [backfill, delays, idle, startUp, state];
