import type { AuditEvent } from './audit-event.ts';
import type { World } from './story/world.ts';

/** What the inventory routes list, in the form of the API. */
export interface Inventory {
  users(): readonly ListedUser[];
  projects(): readonly ListedProject[];
}

export interface Listed {
  readonly id: string;
}

export interface ListedUser extends Listed {
  readonly object: 'organization.user';
  readonly name: string | null;
  readonly email: string | null;
  readonly role: string | null;
  readonly added_at: number;
}

export interface ListedProject extends Listed {
  readonly object: 'organization.project';
  readonly name: string | null;
  readonly created_at: number;
  readonly archived_at: number | null;
  readonly status: 'active' | 'archived';
}

/** Who and what the story has at this moment, newest last. */
export function inventoryOf(world: World): Inventory {
  return {
    users: () =>
      world.people.map(({ id, name, email, role, addedAt }) => ({
        object: 'organization.user' as const,
        id,
        name,
        email,
        role,
        added_at: addedAt,
      })),
    projects: () =>
      world.projects.map(({ id, name, createdAt, archivedAt }) => ({
        object: 'organization.project' as const,
        id,
        name,
        created_at: createdAt,
        archived_at: archivedAt,
        status: archivedAt === null ? ('active' as const) : ('archived' as const),
      })),
  };
}

/** Who and what some events mention: all that is known of an organization that is given by its events. */
export function inventoryFrom(events: readonly AuditEvent[]): Inventory {
  const users = new Map<string, ListedUser>();
  const projects = new Map<string, ListedProject>();
  for (const event of events as readonly Mentions[]) {
    const at = typeof event.effective_at === 'number' ? event.effective_at : 0;
    const user = event.actor?.session?.user ?? event.actor?.api_key?.user;
    if (user?.id && !users.has(user.id)) users.set(user.id, mentionedUser(user.id, user.email, at));
    const { id, name } = event.project ?? {};
    if (id && !projects.has(id)) projects.set(id, mentionedProject(id, name, at));
  }
  return { users: () => [...users.values()], projects: () => [...projects.values()] };
}

interface Mentions {
  readonly effective_at?: unknown;
  readonly project?: { readonly id?: string; readonly name?: string } | null;
  readonly actor?: { readonly session?: ByUser | null; readonly api_key?: ByUser | null } | null;
}

interface ByUser {
  readonly user?: { readonly id?: string; readonly email?: string } | null;
}

function mentionedUser(id: string, email: string | undefined, addedAt: number): ListedUser {
  return { object: 'organization.user', id, name: null, email: email ?? null, role: 'reader', added_at: addedAt };
}

function mentionedProject(id: string, name: string | undefined, createdAt: number): ListedProject {
  return {
    object: 'organization.project',
    id,
    name: name ?? null,
    created_at: createdAt,
    archived_at: null,
    status: 'active',
  };
}
