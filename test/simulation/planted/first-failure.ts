import { generate } from '../generate.ts';
import { simulate } from '../simulation.ts';

/** A bug may make time stand still: no honest history takes so many seconds of this machine's work. */
const STUCK_S = 300;

let seed = 0;
let startedUs = 0;
const spentUs = () => process.cpuUsage().user - startedUs;
const watch = setInterval(() => {
  if (spentUs() > STUCK_S * 1e6) void found(['stuck']);
}, 1000);
process.on('unhandledRejection', error => void found([`unhandled: ${String(error)}`]));

// Each line says where it is: whoever reads them knows what it was at when it was killed.
for (const next of process.argv.slice(2).map(Number)) {
  seed = next;
  startedUs += spentUs();
  process.stdout.write(`${JSON.stringify({ seed, judges: [] })}\n`);
  try {
    const { violations } = await simulate(generate(seed));
    if (violations.length > 0) await found([...new Set(violations.map(({ judge }) => judge))]);
  } catch (error) {
    await found([`thrown: ${String(error)}`]);
  }
}
clearInterval(watch);
process.stdout.write('null\n');

/** Nothing comes after it. */
function found(judges: readonly string[]): Promise<never> {
  process.stdout.write(`${JSON.stringify({ seed, judges })}\n`, () => process.exit());
  return new Promise(() => undefined);
}
