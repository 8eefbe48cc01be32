import type { PlantedBug } from './bug.ts';
import { COVERAGE } from './coverage.ts';
import { DELIVERY } from './delivery.ts';
import { INVENTORY } from './inventory.ts';
import { MACHINE } from './machine.ts';
import { READING } from './reading.ts';

export const BUGS: readonly PlantedBug[] = [...READING, ...COVERAGE, ...DELIVERY, ...INVENTORY, ...MACHINE];
