import type { AuditEvent } from '../audit-event.ts';
import { createEstate, createProject, type Estate, type Project, type User } from '../estate.ts';

/** Who and what some events mention: all that is known of an organization that is given by its events. */
export function mentionedEstate(events: readonly AuditEvent[]): Estate {
  const users = new Map<string, User>();
  const projects = new Map<string, Project>();
  for (const event of events as readonly Mentions[]) {
    const at = typeof event.effective_at === 'number' ? event.effective_at : 0;
    const user = event.actor?.session?.user ?? event.actor?.api_key?.user;
    if (user?.id && !users.has(user.id)) {
      users.set(user.id, { id: user.id, name: null, email: user.email ?? null, role: 'reader', addedAt: at });
    }
    const { id, name } = event.project ?? {};
    if (id && !projects.has(id)) projects.set(id, createProject(id, name ?? null, at));
  }
  return createEstate('org-emulated', [...users.values()], [...projects.values()]);
}

interface Mentions {
  readonly effective_at?: unknown;
  readonly project?: { readonly id?: string; readonly name?: string } | null;
  readonly actor?: { readonly session?: ByUser | null; readonly api_key?: ByUser | null } | null;
}

interface ByUser {
  readonly user?: { readonly id?: string; readonly email?: string } | null;
}
