import { textAt } from './json.ts';

const MAX_LENGTH = 120;
const MAX_ITEMS = 5;

/** Control and formatting characters and lone surrogates: they would break the line or deceive its reader. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Nearly every text is, and then nothing of it can be unprintable. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * A value as part of a sentence on one line, or undefined when it has none: texts are shortened, of a list the first
 * five are told, each by its name or id when it is a map.
 */
export function quotable(value: unknown): string | undefined {
  if (!Array.isArray(value)) return scalar(value);
  const told = value
    .slice(0, MAX_ITEMS)
    .map(item => scalar(item) ?? scalar(textAt(item, 'name') ?? textAt(item, 'id')))
    .filter(text => text !== undefined);
  if (told.length === 0) return undefined;
  const more = value.length - told.length;
  return more === 0 ? told.join(', ') : `${told.join(', ')} and ${more} more`;
}

/** A name in a sentence: in quotation marks unless it is one word, so that no name reads as part of the sentence. */
export function label(name: string | undefined): string | undefined {
  const told = quotable(name);
  return told === undefined || WORD.test(told) ? told : `"${told.replaceAll('"', "'")}"`;
}

const WORD = /^[\p{L}\p{N}_.@+-]+$/u;

function scalar(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return undefined;
  if (value.length <= MAX_LENGTH && PLAIN.test(value)) return value;
  const text = value.slice(0, MAX_LENGTH).replace(UNPRINTABLE, ' ').trim();
  if (text === '') return undefined;
  return value.length > MAX_LENGTH ? `${text}…` : text;
}
