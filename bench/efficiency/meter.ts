/**
 * Loaded into a process before its own code (`--import`): what the process cost stands in the file METER_FILE when it
 * has ended.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a process cost from its start to its end. */
export interface Cost {
  readonly cpuS: number;
  readonly peakRssMb: number;
  /** How late a timer of the process was. */
  readonly loopDelayP99Ms: number;
  readonly writtenBytes: number;
}

/** The histogram holds the time from one tick of its timer to the next. */
const RESOLUTION_MS = 5;

const { METER_FILE } = process.env;
if (METER_FILE !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.once('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cost: Cost = {
      cpuS: (userCPUTime + systemCPUTime) / 1e6,
      peakRssMb: maxRSS / 1024,
      loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
      writtenBytes: Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]),
    };
    writeFileSync(METER_FILE, JSON.stringify(cost));
  });
}
