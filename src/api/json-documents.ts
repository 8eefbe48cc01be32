import { parseForText } from '../exact-json.ts';

/**
 * The JSON documents of a body, in order. A body holds one; two in a row were seen in production, so both are read.
 * JSON.stringify gives every number as the body has it. Throws SyntaxError when anything of the body is not JSON.
 */
export function parseDocuments(body: string): readonly unknown[] {
  try {
    return [parseForText(body)];
  } catch (error) {
    const ends = documentEnds(body);
    if (ends.length < 2) throw error;
    return ends.map((end, i) => parseForText(body.slice(ends[i - 1] ?? 0, end)));
  }
}

/** Positions after each top-level object or array; the last one takes whatever follows, so that rubbish is an error. */
function documentEnds(body: string): readonly number[] {
  const ends: number[] = [];
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const character = body[i];
    if (character === '"') i = stringEnd(body, i);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) ends.push(i + 1);
    }
  }
  if (ends.length > 0) ends[ends.length - 1] = body.length;
  return ends;
}

function stringEnd(body: string, start: number): number {
  let i = start + 1;
  while (i < body.length && body[i] !== '"') i += body[i] === '\\' ? 2 : 1;
  return i;
}
