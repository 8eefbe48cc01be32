import { createHmac } from 'node:crypto';
import type { PrivacyRule } from './privacy-rules.ts';
import { truncateAddress } from './truncate-address.ts';

/** Half of a SHA-256: as hard to guess without the key, and shorter in every record. */
const HASH_DIGITS = 32;
/** Shorter values stand in other words by chance. */
const SHORTEST = 3;
/** Longer ones are looked for as a whole text only. */
const LONGEST_PART = 1_000;
/** Of more values than any event known has, the rest is looked for as whole texts. */
const MOST_PARTS = 1_000;
/** What stands where a dropped value stood inside a text. */
export const GONE = '[dropped]';

/** The strongest first: it wins where two rules meet in one value. */
const BY_STRENGTH: readonly PrivacyRule[] = ['drop', 'hash', 'truncate', 'keep'];

/** What a rule makes of a value; undefined when nothing is left of it. What is no address cannot be truncated, and goes. */
export function protect(rule: PrivacyRule, value: string, key: string): string | undefined {
  switch (rule) {
    case 'keep':
      return value;
    case 'drop':
      return undefined;
    case 'truncate':
      return truncateAddress(value);
    case 'hash':
      return createHmac('sha256', key).update(hashed(value)).digest('hex').slice(0, HASH_DIGITS);
  }
}

/** One person's mail address has one hash, however it is written. */
function hashed(value: string): string {
  return /^[^\s@]+@[^\s@]+$/.test(value) ? value.toLowerCase() : value;
}

interface Hidden {
  readonly rule: PrivacyRule;
  /** Whether it is looked for inside of texts, too. */
  readonly inTexts: boolean;
}

/** The values of one event that rules hide, to be found wherever they stand. Upper and lower case are one. */
export class HiddenValues {
  readonly #key: string;
  /** By value in lower case. */
  readonly #rules = new Map<string, Hidden>();
  /** In lower case; made again after the last value was added. */
  #parts: readonly string[] | undefined;
  #pattern: RegExp | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  add(value: string, rule: PrivacyRule, inTexts = true): void {
    if (rule === 'keep' || value.length < SHORTEST) return;
    const known = this.#rules.get(value.toLowerCase());
    const isWeaker = known !== undefined && BY_STRENGTH.indexOf(rule) >= BY_STRENGTH.indexOf(known.rule);
    this.#rules.set(value.toLowerCase(), {
      rule: isWeaker ? known.rule : rule,
      inTexts: inTexts || known?.inTexts === true,
    });
    this.#parts = undefined;
    this.#pattern = undefined;
  }

  has(text: string): boolean {
    return this.#rules.has(text.toLowerCase());
  }

  /** The text without them; undefined when it was one of them, and is gone. Inside it, they are found as words. */
  mask(text: string): string | undefined {
    const lower = text.toLowerCase();
    const whole = this.#rules.get(lower);
    if (whole !== undefined) return protect(whole.rule, text, this.#key);
    this.#parts ??= this.#findParts();
    // To make the pattern costs more than all else, and few texts need it.
    if (!this.#parts.some(part => lower.includes(part))) return text;
    this.#pattern ??= wordPattern(this.#parts);
    return text.replace(this.#pattern, found => this.#replacement(found));
  }

  #replacement(found: string): string {
    const known = this.#rules.get(found.toLowerCase());
    return (known === undefined ? undefined : protect(known.rule, found, this.#key)) ?? GONE;
  }

  /** The longest first: it may hold another one. */
  #findParts(): readonly string[] {
    return Array.from(this.#rules)
      .filter(([value, { inTexts }]) => inTexts && value.length <= LONGEST_PART)
      .map(([value]) => value)
      .slice(0, MOST_PARTS)
      .sort((a, b) => b.length - a.length);
  }
}

/** The only letter that is two in lower case, which a pattern does not take for the same. */
const DOTTED = 'İ'.toLowerCase();

function wordPattern(words: readonly string[]): RegExp {
  const escaped = words.map(word => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll(DOTTED, `(?:${DOTTED}|İ)`));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}
