import { isDeepStrictEqual } from 'node:util';
import { jsonText } from '../../src/json-text.ts';
import { at, isMap, textAt } from '../../src/processor/json.ts';
import type { Value } from '../../src/record.ts';
import { goldenRecord, readGolden, writeGolden } from './golden.ts';

/** `npm run golden`: writes the golden records anew and says what is different, for a person to judge. */
let changed = 0;
for (const golden of readGolden()) {
  golden.events.forEach((event, index) => {
    const lines = differences(golden.expected[index], goldenRecord(event));
    if (lines.length === 0) return;
    changed += 1;
    say(`${golden.group}[${index}] ${textAt(event, 'type') ?? ''} ${textAt(event, 'id') ?? ''}`, ...lines);
  });
  writeGolden(golden);
}
say(changed === 0 ? 'every record is what it was' : `${changed} records are different`);

function differences(before: Value | undefined, after: Value): readonly string[] {
  const [old, now] = [facts(before), facts(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap(name => {
    if (isDeepStrictEqual(old.get(name), now.get(name))) return [];
    return [side('-', name, old.get(name)), side('+', name, now.get(name))].filter(line => line !== undefined);
  });
}

function facts(record: Value | undefined): ReadonlyMap<string, Value> {
  if (!isMap(record)) return new Map();
  const attributes = at(record, 'attributes');
  const own = Object.entries(record).filter(([name]) => name !== 'attributes');
  return new Map([...own, ...Object.entries(isMap(attributes) ? attributes : {})]);
}

function side(sign: string, name: string, value: Value | undefined): string | undefined {
  return value === undefined ? undefined : `  ${sign} ${name}: ${jsonText(value)}`;
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
