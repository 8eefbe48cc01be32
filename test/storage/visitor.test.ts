import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { visitState } from '../../src/storage/visitor.ts';
import { temporaryFile } from './temporary-file.ts';

const DAY_MS = 86_400_000;

describe('a request', () => {
  it('is seen by the process that holds the state, answered and taken away', async () => {
    const path = temporaryFile();
    const storage = await openStorage(path);
    const visitor = visitState(path);
    const [first, second] = ['one', 'two'].map(text => visitor.ask('acme', 'verify', text, 5));
    const other = visitor.ask('other', 'replay', '', 5);
    expect(visitor.look(first ?? 0)).toBe('waiting');
    expect(await storage.requests('acme')).toEqual([
      { id: first, organization: 'acme', kind: 'verify', ask: 'one' },
      { id: second, organization: 'acme', kind: 'verify', ask: 'two' },
    ]);
    expect(visitor.look(first ?? 0)).toBe('taken');
    expect(visitor.look(other)).toBe('waiting');
    await storage.answer(first ?? 0, 'done', 6);
    expect(visitor.look(first ?? 0)).toEqual({ answer: 'done' });
    expect((await storage.requests('acme')).map(({ ask }) => ask)).toEqual(['two']);
    visitor.withdraw(second ?? 0);
    await storage.answer(second ?? 0, 'in vain', 6);
    expect(visitor.look(second ?? 0)).toBe('gone');
    visitor.close();
    await storage.close();
  });

  it('survives the end of the process, and goes a day after an answer that nobody fetched', async () => {
    const path = temporaryFile();
    const storage = await openStorage(path);
    const visitor = visitState(path);
    const [first, second] = [visitor.ask('acme', 'verify', 'one', 0), visitor.ask('acme', 'verify', 'two', 0)];
    await storage.requests('acme');
    await storage.close();
    const again = await openStorage(path);
    expect(await again.requests('acme')).toHaveLength(2);
    await again.answer(first, 'done', DAY_MS);
    expect(visitor.look(first)).toEqual({ answer: 'done' });
    await again.answer(second, 'done', DAY_MS + 1);
    expect(visitor.look(first)).toBe('gone');
    visitor.close();
    await again.close();
  });

  it('needs a state', () => {
    expect(() => visitState(temporaryFile())).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
  });
});
