import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cost } from './meter.ts';

const METER = new URL('./meter.ts', import.meta.url).href;
const FLOOR = fileURLToPath(new URL('./floor.ts', import.meta.url));
/** Without it the meter would measure how long Node takes to strip its own types, and the 27 MB of what does it. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/compiled/', import.meta.url));

/** The command line of the bare loop. */
export const floorCommand = [process.execPath, FLOOR] as const;

/** Of one process that is to be measured. */
export interface Meter {
  readonly environment: Readonly<Record<string, string>>;
  /** Once the process has ended by itself or by a signal that it handles. */
  read(): Promise<Cost>;
}

export function createMeter(directory: string, name: string): Meter {
  const file = join(directory, `${name}.json`);
  return {
    environment: { METER_FILE: file, NODE_OPTIONS: `--import=${METER}`, NODE_COMPILE_CACHE: COMPILED },
    read: async () => JSON.parse(await readFile(file, 'utf8')),
  };
}

/** What a process that still runs has cost so far, as the kernel counts it. CPU comes in steps of 10 ms. */
export async function costSoFar(pid: number): Promise<{ readonly cpuMs: number; readonly writtenBytes: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = '', system = ''] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  const io = await readFile(`/proc/${pid}/io`, 'utf8');
  return {
    cpuMs: (Number(user) + Number(system)) * 10,
    writtenBytes: Number(/^write_bytes: (\d+)$/m.exec(io)?.[1]),
  };
}
