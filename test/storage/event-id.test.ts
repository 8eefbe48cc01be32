import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashId, packId, unpackId } from '../../src/storage/event-id.ts';

const usual = fc.stringMatching(/^[0-9A-Za-z]{24}$/).map(digits => `audit_log-${digits}`);
const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('\ud800'), usual);

describe('packed event ids', () => {
  it('fill 18 bytes in the usual form and come back', () => {
    fc.assert(
      fc.property(usual, uid => {
        const packed = packId(uid);
        expect(packed).toHaveLength(18);
        expect(packed).toBeInstanceOf(Uint8Array);
        expect(unpackId(packed)).toBe(uid);
      }),
    );
  });

  it.each(['000000000000000000000000', 'zzzzzzzzzzzzzzzzzzzzzzzz', '0zzzzzz00000zzzzzz00000z'])('hold %s', digits => {
    expect(unpackId(packId(`audit_log-${digits}`))).toBe(`audit_log-${digits}`);
  });

  it('sort like their texts', () => {
    fc.assert(
      fc.property(usual, usual, (one, other) => {
        const [a, b] = [packId(one), packId(other)].map(id => Buffer.from(id as Uint8Array));
        expect(Math.sign(Buffer.compare(a ?? Buffer.of(), b ?? Buffer.of()))).toBe(
          Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other))),
        );
      }),
    );
  });

  it('bring every other string back, and no two make one', () => {
    fc.assert(
      fc.property(odd, odd, (one, other) => {
        expect(unpackId(packId(one))).toBe(one);
        if (one !== other) expect(packId(one)).not.toEqual(packId(other));
      }),
    );
  });

  it.each([
    ['', 'an empty id'],
    ['audit_log-0123456789abcdefghijklm', 'one digit short'],
    ['audit_log-0123456789abcdefghijklmno', 'one digit long'],
    ['audit_log-0123456789abcdefghijklm_', 'another character'],
    ['audit_log-0123456789abcdefghijklmn\n', 'a line end'],
    ['audit_log-0123456789abcdefghijklmn#project.created', 'a type behind'],
  ])('keep %j as text: %s', uid => {
    expect(packId(uid)).toBe(uid);
  });

  it('have the hashes that files out there were written with', () => {
    expect(hashId('')).toBe(-2128831035);
    expect(hashId('audit_log-0123456789abcdefghijklmn')).toBe(902871024);
  });
});
