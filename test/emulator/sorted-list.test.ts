import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { SortedList } from '../../src/emulator/sorted-list.ts';

const ascending = (a: number, b: number) => a - b;

property.prop([
  fc.array(fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: -2000, max: -1 })), { maxLength: 3000 }),
  fc.integer({ min: 0, max: 3000 }),
  fc.integer({ min: 0, max: 3000 }),
])('holds what an ordinary set holds, in order, between any two keys', (operations, low, high) => {
  const list = new SortedList<number, number>(ascending);
  const model = new Set<number>();
  for (const operation of operations) {
    if (operation < 0) {
      expect(list.delete(-operation)).toBe(model.delete(-operation));
    } else if (!model.has(operation)) {
      list.add(operation);
      model.add(operation);
    }
  }
  const expected = [...model].filter(value => value > low && value < high).sort(ascending);
  expect(list.size).toBe(model.size);
  expect([...list.walk(low, high, 'up')]).toEqual(expected);
  expect([...list.walk(low, high, 'down')]).toEqual(expected.toReversed());
});

test('keeps thousands that come in descending order', () => {
  const list = new SortedList<number, number>(ascending);
  for (let value = 5000; value > 0; value -= 1) list.add(value);
  expect([...list.walk(undefined, undefined, 'up')]).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  expect(list.first()).toBe(1);
});

test('inserting, seeking and deleting compare hardly more among a million than among a thousand', () => {
  const few = comparisonsAmong(1000);
  const many = comparisonsAmong(1_000_000);
  expect(many.append).toBe(few.append);
  expect(many.other).toBeLessThan(4 * few.other);
});

function comparisonsAmong(size: number): { readonly append: number; readonly other: number } {
  let comparisons = 0;
  const list = new SortedList<number, number>((a, b) => {
    comparisons += 1;
    return a - b;
  });
  for (let value = 0; value < size; value += 1) list.add(value);
  comparisons = 0;
  list.add(size);
  const append = comparisons;
  list.add(size / 2 + 0.5);
  list.walk(size / 3, undefined, 'up').next();
  list.delete(size / 4);
  return { append, other: comparisons - append };
}
