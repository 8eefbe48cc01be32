import { describe, expect, it } from 'vitest';
import { changedPaths } from '../../src/inventory/changed-paths.ts';
import { compare, type Known } from '../../src/inventory/difference.ts';
import { judgeMissing, secondLookAtMs } from '../../src/inventory/missing.ts';
import type { Thing } from '../../src/inventory/thing.ts';
import { kindOf } from '../support/inventory-crawl.ts';

const KEYS = kindOf('/organization/projects/{project_id}/api_keys');
const LIMIT = kindOf('/organization/spend_limit');

function key(id: string, description: Thing['description'] = { name: 'production' }): Thing {
  return { kind: 'api_key', form: 'node', id: { 'api_key.id': id }, name: 'production', description, relations: [] };
}

function known(thing: Thing, reportedMs = 1_000): Known {
  return { thing, firstSeenMs: 500, reportedMs };
}

const options = { nowMs: 2_000, isNews: true, stateBeforeMs: 0 };

describe('a comparison', () => {
  it('finds what is new, changed and missing', () => {
    const before = [known(key('a')), known(key('b')), known(key('c'))];
    const { findings, missing } = compare(KEYS, before, [key('a'), key('b', { name: 'test' }), key('d')], options);
    expect(findings.map(({ change, thing, paths }) => [change, thing.id['api_key.id'], paths])).toEqual([
      ['changed', 'b', ['name']],
      ['added', 'd', undefined],
    ]);
    expect(missing).toEqual([before[2]]);
  });

  it('calls nothing news that is seen for the first time because nobody looked before', () => {
    const { findings } = compare(KEYS, [], [key('a')], { ...options, isNews: false });
    expect(findings).toMatchObject([{ change: 'state', firstSeenMs: 2_000 }]);
  });

  it('says how a key is when it was used, which is no news', () => {
    const used = key('a', { name: 'production', last_used_at: 5 });
    expect(compare(KEYS, [known(key('a'))], [used], options).findings).toMatchObject([{ change: 'state' }]);
  });

  it('says again what was said long ago', () => {
    const stateBeforeMs = 1_500;
    expect(compare(KEYS, [known(key('a'), 1_499)], [key('a')], { ...options, stateBeforeMs }).findings).toHaveLength(1);
    expect(compare(KEYS, [known(key('a'), 1_500)], [key('a')], { ...options, stateBeforeMs }).findings).toEqual([]);
    // By a clock that was ahead of this one.
    expect(compare(KEYS, [known(key('a'), 2_001)], [key('a')], { ...options, stateBeforeMs }).findings).toHaveLength(1);
  });
});

describe('changed paths', () => {
  it('lead into maps, and take lists for sets', () => {
    const before = { name: 'a', owner: { user: { id: '1', email: 'x' } }, scopes: ['r', 'w'] };
    const after = { name: 'a', owner: { user: { id: '2', email: 'y' } }, scopes: ['w', 'r'] };
    expect(changedPaths(KEYS, before, after)).toEqual({ news: ['owner.user.id'], rest: ['owner.user.email'] });
  });

  it('are none between a null and nothing, and those of each field where a map appears', () => {
    expect(changedPaths(KEYS, { expires_at: null }, {})).toEqual({ news: [], rest: [] });
    const after = { owner: { service_account: { id: '1' } } };
    expect(changedPaths(KEYS, { owner: null }, after).news).toEqual(['owner.service_account.id']);
  });
});

describe('what is missing', () => {
  const now = { nowMs: 100_000, patienceMs: 3_600_000, isServed: true };

  it('is gone when it is missing twice, some seconds apart', () => {
    const first = judgeMissing(KEYS, ['a'], {}, now);
    expect(first).toEqual({ gone: [], missing: { a: 100_000 }, againInMs: 5_000, lacksWitness: false });
    expect(secondLookAtMs(KEYS, first.missing, now.patienceMs)).toBe(105_000);
    expect(judgeMissing(KEYS, ['a'], first.missing, { ...now, nowMs: 104_999 }).gone).toEqual([]);
    expect(judgeMissing(KEYS, ['a'], first.missing, { ...now, nowMs: 105_000 })).toEqual({
      gone: ['a'],
      missing: {},
      lacksWitness: false,
    });
  });

  it('is forgotten when it is there again', () => {
    expect(judgeMissing(KEYS, [], { a: 100_000 }, now)).toEqual({ gone: [], missing: {}, lacksWitness: false });
    expect(secondLookAtMs(KEYS, {}, now.patienceMs)).toBeUndefined();
  });

  it('is no setting that is not found, until that lasts and its family is told of', () => {
    const first = judgeMissing(LIMIT, ['org'], {}, now);
    expect(first.againInMs).toBe(now.patienceMs);
    const later = { ...now, nowMs: now.nowMs + now.patienceMs };
    const alone = judgeMissing(LIMIT, ['org'], first.missing, { ...later, isServed: false });
    expect(alone).toEqual({ gone: [], missing: first.missing, lacksWitness: true });
    expect(judgeMissing(LIMIT, ['org'], first.missing, later).gone).toEqual(['org']);
  });
});
