/** Text that may stand in a page as it is. */
export interface Html {
  readonly text: string;
}

type Value = string | number | Html | readonly Html[];

/** A piece of HTML; whatever is put into it and is no HTML itself is escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { text: strings.map((part, i) => `${part}${i < values.length ? textOf(values[i] ?? '') : ''}`).join('') };
}

/** For text of our own that is no HTML: a style. */
export function raw(text: string): Html {
  return { text };
}

function textOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(`${value}`);
  return 'text' in value ? value.text : value.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Marks that reorder text, and control characters, are shown as what they are not: a replacement character. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replace(/[&<>"']/g, each => ENTITIES[each] ?? '');
}
