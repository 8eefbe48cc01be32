/**
 * What an error answer says, in any of the forms that are about: text, the JSON of a google.rpc.Status, or its
 * protobuf, which Loki sends even to a JSON request.
 */
export function answerText(body: Uint8Array): string {
  const text = jsonMessage(body) ?? statusMessage(body) ?? Buffer.from(body).toString('utf8');
  return printable(text);
}

function jsonMessage(body: Uint8Array): string | undefined {
  if (body[0] !== 0x7b) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const { message, error } = parsed as { message?: unknown; error?: unknown };
    return [message, error].find(said => typeof said === 'string' && said !== '') as string | undefined;
  } catch {
    return undefined;
  }
}

/** Field 2 of a google.rpc.Status, when the body is one and has nothing but a code before it. */
function statusMessage(body: Uint8Array): string | undefined {
  let at = 0;
  if (body[at] === 0x08) {
    at = varint(body, at + 1).next;
  }
  if (body[at] !== 0x12) return undefined;
  const { value: length, next } = varint(body, at + 1);
  // An answer over the cap is cut: its text is still the text.
  return length === 0 ? undefined : Buffer.from(body.subarray(next, next + length)).toString('utf8');
}

function varint(body: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from, factor = 1; at < from + 5; at += 1, factor *= 128) {
    const byte = body[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return { value: 0, next: from };
}

/** A backend's text goes to terminals, files and records: no control characters, no line breaks. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]+/gu, ' ').trim();
}
