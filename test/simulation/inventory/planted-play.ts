import type { History } from './history.ts';
import { playCalm } from './judged.ts';
import { playReadings } from './two-readings.ts';

/** A bug may make time stand still: no honest history takes so many seconds of this machine's work. */
const STUCK_S = 60;

process.on('unhandledRejection', error => said([`unhandled: ${String(error)}`]));
setInterval(() => process.cpuUsage().user > STUCK_S * 1e6 && said(['stuck']), 1000);

/** Plays what the arguments say, a history each, and says which judges complain of the first that is not as it should. */
let judges: readonly string[] = [];
for (const text of process.argv.slice(2)) if (judges.length === 0) judges = await play(JSON.parse(text));
said(judges);

async function play(history: History): Promise<readonly string[]> {
  try {
    const isCalm = history.fault === undefined && history.killAt === undefined;
    const calm = isCalm ? undefined : await playCalm(history.during);
    const { violations } = await playReadings(history, calm);
    return [...new Set(violations.map(({ judge }) => judge))];
  } catch (error) {
    return [`thrown: ${String(error)}`];
  }
}

function said(found: readonly string[]): void {
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit());
}
