import { describe, expect, it, onTestFinished } from 'vitest';
import { CollectorError, EXIT } from '../src/errors.ts';
import { createLogger } from '../src/log.ts';
import type { Answer } from '../src/pipeline/answer.ts';
import type { Ask } from '../src/pipeline/ask.ts';
import { serveRequests } from '../src/pipeline/requests.ts';
import { askRunning } from '../src/requests.ts';
import { openStorage } from '../src/storage/sqlite.ts';
import type { Request, Storage } from '../src/storage/storage.ts';
import { temporaryFile } from './storage/temporary-file.ts';
import { createFakeClock } from './support/fake-clock.ts';

const ask: Ask = { kind: 'replay', which: { by: 'all' } };

async function opened() {
  const path = temporaryFile();
  const storage = await openStorage(path);
  onTestFinished(() => storage.close());
  return { path, storage };
}

/** A collector that serves requests of one organization, until the test ends. */
function serve(storage: Storage, organization: string, carryOut: (request: Request) => Promise<Answer>) {
  const clock = createFakeClock({ auto: true });
  const stop = new AbortController();
  const log = createLogger({ level: 'error', format: 'text', clock, write: () => undefined });
  const served = serveRequests({ organization, storage, clock, random: () => 0.5, log }, carryOut, stop.signal);
  served.catch(() => undefined);
  onTestFinished(() => stop.abort());
  return { served, stop };
}

const asking = (path: string, organizations: readonly string[], signal = new AbortController().signal) =>
  askRunning(path, organizations, ask, createFakeClock({ auto: true }), signal);

describe('a request to the collector that runs', () => {
  it('is carried out there for each organization, and answered', async () => {
    const { path, storage } = await opened();
    const seen: unknown[] = [];
    for (const name of ['acme', 'other']) {
      serve(storage, name, async request => {
        seen.push([request.organization, request.kind, JSON.parse(request.ask)]);
        return { ok: name === 'acme', lines: [`${name} says`] };
      });
    }
    expect(await asking(path, ['acme', 'other'])).toEqual({ ok: false, lines: ['acme says', 'other says'] });
    expect(seen).toEqual([
      ['acme', 'replay', ask],
      ['other', 'replay', ask],
    ]);
    expect(await storage.requests('acme')).toEqual([]);
  });

  it('is answered by what prevents it', async () => {
    const { path, storage } = await opened();
    serve(storage, 'acme', () => Promise.reject(new CollectorError('misconfigured', 'no such key', { status: 401 })));
    expect(await asking(path, ['acme'])).toEqual({ ok: false, lines: ['replay: no such key'], keyRefused: true });
  });

  it('is carried out once, however long it takes, and again after a crash', async () => {
    const { path, storage } = await opened();
    const begun = Promise.withResolvers<void>();
    let times = 0;
    const first = serve(storage, 'acme', () => {
      times += 1;
      begun.resolve();
      return new Promise(() => undefined);
    });
    const asked = asking(path, ['acme']);
    asked.catch(() => undefined);
    await begun.promise;
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect(times).toBe(1);
    first.stop.abort();
    await expect(first.served).rejects.toThrow();
    const [left] = await storage.requests('acme');
    expect(left?.kind).toBe('replay');
  });

  it('ends the serving when the program is at fault', async () => {
    const { path, storage } = await opened();
    const { served } = serve(storage, 'acme', () => Promise.reject(new TypeError('a defect')));
    asking(path, ['acme']).catch(() => undefined);
    await expect(served).rejects.toThrow('a defect');
  });

  it('fails as "in use" when nobody takes it, and leaves nothing behind', async () => {
    const { path, storage } = await opened();
    const error = await asking(path, ['acme']).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exitCode: EXIT.stateInUse });
    expect(String(error)).toContain('takes no requests');
    expect(await storage.requests('acme')).toEqual([]);
  });

  it('gives up after an hour', async () => {
    const { path, storage } = await opened();
    serve(storage, 'acme', () => new Promise(() => undefined));
    await expect(asking(path, ['acme'])).rejects.toMatchObject({ exitCode: EXIT.failed });
  });

  it('is withdrawn when the person gives up', async () => {
    const { path, storage } = await opened();
    const stop = new AbortController();
    const asked = asking(path, ['acme'], stop.signal);
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(await storage.requests('acme')).toEqual([]);
  });
});
