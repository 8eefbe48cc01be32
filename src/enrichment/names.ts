import type { Logger } from '../log.ts';
import type { NameOf, Names } from '../processor/context.ts';
import { textAt } from '../processor/json.ts';
import { nameOfKind } from '../processor/name-of.ts';
import type { FindNames } from '../processor/processor.ts';

/** A thing of the inventory that is there, or that was. */
interface Remembered {
  readonly id: string;
  readonly kind: string;
  readonly name?: string;
  /** As JSON. */
  readonly content?: string;
  readonly goneAtMs?: number;
}

/** What is known of things: of those that are there, and of those that are gone. */
interface Inventory {
  isEmpty(): Promise<boolean>;
  /** By the ids that are given. */
  under(ids: readonly string[]): Promise<readonly Remembered[]>;
}

/**
 * Finds the names of exactly those things that an event mentions, of several events at once: one question to the
 * inventory. An inventory that cannot answer costs the names, and no event waits for it.
 */
export function createFindNames(inventory: Inventory, log: Logger): FindNames {
  return async events => {
    try {
      if (await inventory.isEmpty()) return [];
      const mentions = events.map(mentionsIn);
      const ids = new Set(mentions.flatMap(idsOf));
      if (ids.size === 0) return [];
      const found = Map.groupBy(await inventory.under([...ids]), ({ id }) => id);
      return mentions.map(mentioned => namesOf(mentioned, found));
    } catch (error) {
      log.warn('the names that the inventory knows are not to be had', { code: 'names-unread', reason: String(error) });
      return [];
    }
  };
}

/** What an event says that may be ids. What has the same id in every project stands in the inventory with its project. */
interface Mentions {
  readonly project: string | undefined;
  readonly texts: ReadonlySet<string>;
}

/** More than any event known has. */
const MOST_TEXTS = 500;
const DEEPEST = 16;
/** Ids have no blanks; a list of them may be a text with commas. */
const ID = /^[^\s,/]{3,128}$/;

/** Any text may be an id. */
function mentionsIn(event: unknown): Mentions {
  const texts = new Set<string>();
  collect(event, 0);
  return { project: textAt(event, 'project', 'id'), texts };

  function collect(value: unknown, depth: number): void {
    if (typeof value === 'string') {
      for (const text of value.includes(',') ? value.split(',', MOST_TEXTS) : [value]) mention(text.trim());
    } else if (typeof value === 'object' && value !== null && depth < DEEPEST) {
      for (const member of Object.values(value)) collect(member, depth + 1);
    }
  }

  function mention(text: string): void {
    if (texts.size < MOST_TEXTS && ID.test(text)) texts.add(text);
  }
}

/** Under which ids of the inventory these things may stand, those of the project first. */
function idsOf({ project, texts }: Mentions): readonly string[] {
  const below = project === undefined ? [] : Array.from(texts, text => `${project}/${text}`);
  return [...below, ...texts];
}

/** Later than anything can be gone. */
const THERE = Number.MAX_SAFE_INTEGER;

function thereFirst(a: Remembered, b: Remembered): number {
  return (b.goneAtMs ?? THERE) - (a.goneAtMs ?? THERE);
}

/** Longer ones are no names. */
const LONGEST = 1_000;

function namesOf(mentions: Mentions, found: ReadonlyMap<string, readonly Remembered[]>): Names | undefined {
  const names = new Map<NameOf, Map<string, string>>();
  const { project, texts } = mentions;
  if (project !== undefined) for (const text of texts) call(found.get(`${project}/${text}`), text);
  for (const text of texts) call(found.get(text), text);
  if (names.size === 0) return undefined;
  return Object.fromEntries(Array.from(names, ([of, byId]) => [of, Object.fromEntries(byId)]));

  /** What is there before what is gone. */
  function call(things: readonly Remembered[] = [], said: string): void {
    for (const { kind, name, content } of things.toSorted(thereFirst)) {
      add(nameOfKind(kind), said, name);
      if (kind === 'user') add('user.email', said, emailIn(content));
    }
  }

  function add(of: NameOf, id: string, name: string | undefined): void {
    if (name === undefined || name === '' || name === id || name.length > LONGEST) return;
    const byId = names.get(of) ?? new Map<string, string>();
    if (!byId.has(id)) names.set(of, byId.set(id, name));
  }
}

function emailIn(content: string | undefined): string | undefined {
  const thing: unknown = content === undefined ? undefined : JSON.parse(content);
  return textAt(thing, 'description', 'email');
}
