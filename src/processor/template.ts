/**
 * Fills `{placeholder}` with what `tell` gives. A part in `[...]` is left out when a placeholder inside it has no
 * value; outside of brackets nothing takes its place. Values are never read as templates.
 */
export function fill(template: string, tell: (placeholder: string) => string | undefined): string {
  const speaking = template.replace(/\[([^\]]*)\]/g, (_, part: string) => {
    const placeholders = Array.from(part.matchAll(PLACEHOLDER), match => match[1] ?? '');
    return placeholders.every(placeholder => tell(placeholder) !== undefined) ? part : '';
  });
  return speaking.replace(PLACEHOLDER, (_, placeholder: string) => tell(placeholder) ?? '');
}

const PLACEHOLDER = /\{([^}]*)\}/g;
