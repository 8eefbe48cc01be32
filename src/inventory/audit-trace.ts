import type { Id } from './entity.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kinds.ts';
import type { List } from './list.ts';

/** What an audit event says of the inventory. */
export interface AuditTrace {
  readonly uid: string;
  readonly type: string;
  /** Unix seconds. */
  readonly effectiveAt: number;
  /** As the event has it. */
  readonly actor: unknown;
  readonly projectId: string | undefined;
  /** Every text that its payload holds, and the project: the ids of what it is about are among them. */
  readonly names: ReadonlySet<string>;
}

const TYPES = new Set(KINDS.flatMap(({ events }) => events));

/** Whether events of a type say anything of the inventory. */
export function concernsInventory(type: string): boolean {
  return TYPES.has(type);
}

export function traceOf(uid: string, type: string, effectiveAt: number, event: unknown): AuditTrace {
  const { actor, project, [type]: payload } = mapOf(event);
  const { id } = mapOf(project);
  const projectId = typeof id === 'string' ? id : undefined;
  const names = new Set(texts(payload));
  if (projectId !== undefined) names.add(projectId);
  return { uid, type, effectiveAt, actor, projectId, names };
}

/** Whether a list is worth reading again after an event: it names all that the list is read for. */
export function touches({ type, names }: AuditTrace, { kind, parent }: List): boolean {
  return kind.events.includes(type) && specificParts(parent).every(([, text]) => names.has(text));
}

/** The kinds whose things an event may concern wherever they are listed: it names a part of their ids. */
export function kindsNamed({ type }: AuditTrace): readonly Kind[] {
  return KINDS.filter(({ events, id }) => events.includes(type) && Object.keys(id).length > 1);
}

/** Whether an event explains a change of a thing. One that names no project is about the thing in every project. */
export function explains({ type, names, projectId }: AuditTrace, kind: Kind, id: Id): boolean {
  if (!kind.events.includes(type)) return false;
  const parts = specificParts(id);
  // There is only one of it.
  if (parts.length === 0) return true;
  return (
    parts.some(([, text]) => names.has(text)) &&
    parts.every(([part, text]) => names.has(text) || (part === 'project.id' && projectId === undefined))
  );
}

function specificParts(id: Id): readonly (readonly [string, string])[] {
  return Object.entries(id).filter(([part]) => part !== 'organization.id');
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
