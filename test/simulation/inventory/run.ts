import { parseArgs } from 'node:util';
import type { History } from './history.ts';
import { playCalm } from './judged.ts';
import { playLives } from './lives.ts';
import { playReadings } from './two-readings.ts';

const HELP = `Usage: npm run simulate:inventory -- HISTORY | --lives N

Plays one history of an inventory, as a failing test prints it, and shows all that happened in it; or one of many deaths,
by its number. Ends with 1 when a promise was broken.
`;

const { values, positionals } = parseArgs({
  options: { lives: { type: 'string' }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [text] = positionals;

if (values.help || (text === undefined && values.lives === undefined)) process.stdout.write(HELP);
else {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const violations = text === undefined ? await playLives(Number(values.lives), write) : await play(text, write);
  for (const { judge, message } of violations) write(`${judge}: ${message}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

async function play(json: string, write: (line: string) => void) {
  const history: History = JSON.parse(json);
  return (await playReadings(history, await playCalm(history.during), write)).violations;
}
