import { describe, expect, it } from 'vitest';
import { HiddenValues } from '../../src/processor/hidden-values.ts';

function hiding(...values: readonly (readonly [string, 'drop' | 'hash' | 'truncate', boolean?])[]): HiddenValues {
  const hidden = new HiddenValues('key');
  for (const value of values) hidden.add(...value);
  return hidden;
}

describe('hidden values', () => {
  it.each([
    ['ada', undefined],
    ['ADA', undefined],
    ['user ada, Ada!', 'user [dropped], [dropped]!'],
    ['adam Mada éada ada1', 'adam Mada éada ada1'],
    ['x-ada_1', 'x-[dropped]_1'],
    ['', ''],
  ])('are words: %j becomes %j', (text, masked) => {
    expect(hiding(['ada', 'drop']).mask(text)).toBe(masked);
  });

  it('are found as they are written, whatever they hold', () => {
    const odd = 'a.b (c) [d] $1 \\ ^{2}|3*?+';
    expect(hiding([odd, 'drop']).mask(`say ${odd}.`)).toBe('say [dropped].');
    expect(hiding(['a.b', 'drop']).mask('axb')).toBe('axb');
  });

  it.each(['İpek@example.com', 'İPEK@EXAMPLE.COM', 'i̇pek@example.com'])(
    'are found with a letter that is two in lower case: %s',
    written => {
      expect(hiding(['İpek@example.com', 'drop']).mask(`to ${written}.`)).toBe('to [dropped].');
    },
  );

  it('are found whole before a shorter one in them', () => {
    expect(hiding(['ada', 'drop'], ['ada@example.com', 'drop']).mask('to ada@example.com')).toBe('to [dropped]');
  });

  it('have the strongest of their rules', () => {
    for (const values of [
      [['203.0.113.7', 'truncate'] as const, ['203.0.113.7', 'drop'] as const],
      [['203.0.113.7', 'drop'] as const, ['203.0.113.7', 'truncate'] as const],
    ]) {
      expect(hiding(...values).mask('203.0.113.7')).toBeUndefined();
    }
  });

  it('are looked for inside of texts as soon as one of their places asks for it', () => {
    expect(hiding(['owner', 'drop', false]).mask('an owner')).toBe('an owner');
    expect(hiding(['owner', 'drop', false], ['owner', 'drop']).mask('an owner')).toBe('an [dropped]');
  });

  it('are none when they are too short to tell anything, or empty', () => {
    expect(hiding(['', 'drop'], ['DE', 'drop']).mask('DE, de')).toBe('DE, de');
  });
});
