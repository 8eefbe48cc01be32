import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseDocuments } from '../../src/api/json-documents.ts';

describe('parseDocuments', () => {
  it('reads one document', () => {
    expect(parseDocuments('{"a":1}')).toEqual([{ a: 1 }]);
  });

  test.prop([fc.array(fc.oneof(fc.object(), fc.array(fc.jsonValue())), { minLength: 2, maxLength: 4 })])(
    'reads documents in a row as what each of them is',
    documents => {
      const texts = documents.map(document => JSON.stringify(document));
      for (const between of ['', '\n']) {
        const parsed = parseDocuments(texts.join(between));
        expect(parsed.map(document => JSON.stringify(document))).toEqual(texts);
      }
    },
  );

  it.each(['', '{"a":1', '{"a":1}x', '{"a":1}{"b":', '{"a":"}{"', 'null null', '<html>'])('refuses %j', body => {
    expect(() => parseDocuments(body)).toThrow(SyntaxError);
  });
});
