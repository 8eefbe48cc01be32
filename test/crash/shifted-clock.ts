/**
 * Loaded before the program (`node --import`): its wall clock is wrong by as many milliseconds as a file says, which may
 * change while it runs. The monotonic clock is left as it is, as by a person who sets the time.
 */
import { readFileSync } from 'node:fs';

const { CLOCK_SHIFT = '' } = process.env;
const RealDate = Date;
let shiftMs = 0;

const read = () => {
  shiftMs = Number(readFileSync(CLOCK_SHIFT, 'utf8'));
};
read();
setInterval(read, 50).unref();

globalThis.Date = class extends RealDate {
  constructor(...parts: unknown[]) {
    super(...((parts.length === 0 ? [RealDate.now() + shiftMs] : parts) as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
} as DateConstructor;
