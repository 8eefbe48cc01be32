import { EVENT_TYPES } from '../src/emulator/catalogue.ts';
import { createStory, workingDays } from '../src/emulator/story/story.ts';
import { createAuditLogProcessor } from '../src/processor/audit-log.ts';
import type { ObservedEvent } from '../src/processor/processor.ts';

/**
 * What the mapping of an event to its record costs, side by side with JSON.parse of the same event: in turn,
 * some events at a time, of which the fastest round counts, since whatever else the machine does only makes it longer.
 */
const MOST_TIMES = 6;
const ROUNDS = 50;
const TOGETHER = 32;
const DAY_S = 86_400;
const START_S = 1_760_000_000;

const events = storyWithEveryType();
const texts = events.map(event => JSON.stringify(event));
const observed = events.map(observedEvent);
const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'event', severity: {} });
let kept: unknown;

let parseUs = 0;
let mappingUs = 0;
for (let from = 0; from < texts.length; from += TOGETHER) {
  const [someTexts, someEvents] = [texts.slice(from, from + TOGETHER), observed.slice(from, from + TOGETHER)];
  let [parse, mapping] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round += 1) {
    parse = Math.min(
      parse,
      timeUs(someTexts, text => JSON.parse(text)),
    );
    mapping = Math.min(mapping, timeUs(someEvents, map));
  }
  parseUs += parse / texts.length;
  mappingUs += mapping / texts.length;
}
if (kept === undefined) throw new Error('nothing was measured');
const ratio = mappingUs / parseUs;
const bytes = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
process.stdout.write(
  `Node ${process.version}, ${events.length} events of ${new Set(events.map(event => event.type)).size} types, ` +
    `${Math.round(bytes)} bytes each\n` +
    `JSON.parse ${parseUs.toFixed(2)} us, mapping ${mappingUs.toFixed(2)} us an event: ` +
    `${ratio.toFixed(1)} times (at most ${MOST_TIMES})\n`,
);
if (ratio > MOST_TIMES) process.exitCode = 1;

function timeUs<T>(items: readonly T[], work: (item: T) => unknown): number {
  const from = performance.now();
  for (const item of items) kept = work(item);
  return (performance.now() - from) * 1000;
}

function storyWithEveryType() {
  const story = createStory('mapping', START_S * 1000);
  const told = [...story.tell(START_S + 60 * DAY_S, workingDays(100))];
  const missing = EVENT_TYPES.filter(type => !told.some(event => event.type === type));
  if (missing.length > 0) throw new Error(`the story lacks ${missing.join(', ')}`);
  return told;
}

function observedEvent(event: Readonly<Record<string, unknown>>): ObservedEvent {
  return {
    uid: String(event.id),
    organization: 'acme',
    stream: 'organization',
    way: 'live',
    delivery: 'live',
    effectiveAt: Number(event.effective_at),
    timeIsNeighbours: false,
    observedAtMs: START_S * 1000,
    event: JSON.parse(JSON.stringify(event)),
  };
}
