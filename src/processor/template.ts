/**
 * A sentence with `{placeholder}`s. A part in `[...]` is left out when a placeholder inside it has no value; outside of
 * brackets nothing takes its place.
 */
export type Template = readonly Part[];

interface Part {
  readonly optional: boolean;
  /** In turn: text, placeholder, text, ..., text. */
  readonly pieces: readonly string[];
}

export function compileTemplate(template: string): Template {
  const parts = template.split(/(\[[^\]]*\])/).filter(text => text !== '');
  return parts.map(text => {
    const optional = text.startsWith('[');
    return { optional, pieces: (optional ? text.slice(1, -1) : text).split(/\{([^}]*)\}/) };
  });
}

/** Values are never read as templates. */
export function fill(template: Template, tell: (placeholder: string) => string | undefined): string {
  return template.map(part => filled(part, tell)).join('');
}

function filled({ optional, pieces }: Part, tell: (placeholder: string) => string | undefined): string {
  let text = pieces[0] ?? '';
  for (let index = 1; index < pieces.length; index += 2) {
    const told = tell(pieces[index] ?? '');
    if (told === undefined && optional) return '';
    text += (told ?? '') + (pieces[index + 1] ?? '');
  }
  return text;
}
