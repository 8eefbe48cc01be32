import { number } from '../format.ts';

/** `api key` */
export function kindWords(kind: string): string {
  return kind.replaceAll('_', ' ');
}

/** `1 api key`, `295 users` */
export function counted(count: number, kind: string): string {
  const words = kindWords(kind);
  return `${number(count)} ${count === 1 || words.endsWith('s') ? words : `${words}s`}`;
}

/** How one thing is next to another: `member of`. A `resource` is what something has. */
export function typeWords(type: string): string {
  return type === 'resource' ? 'has' : type.replaceAll('_', ' ');
}
