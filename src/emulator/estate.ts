/** What an organization has, as far as the API lists it. Times are Unix seconds. */
export interface Estate {
  readonly organizationId: string;
  readonly users: readonly User[];
  /** The first one is the default project. */
  readonly projects: Project[];
  readonly settings: ScopeSettings;
  /** Oldest first. */
  stock<K extends Kind>(kind: K): Stocks[K][];
}

export interface User {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly role: string | null;
  readonly addedAt: number;
}

/** What is set for the organization, and again for each project. */
export interface ScopeSettings {
  /** In US dollars; null while nobody set one. */
  spendLimit: number | null;
  dataRetention: string;
  /** By id. */
  readonly activeCertificates: Set<string>;
}

export interface Project extends ScopeSettings {
  readonly id: string;
  name: string | null;
  readonly createdAt: number;
  archivedAt: number | null;
  /** By user id. */
  readonly members: Map<string, { readonly role: string; readonly addedAt: number }>;
  /** When a group was added, by group id. */
  readonly groups: Map<string, number>;
  /** What differs from the usual limits, by model. */
  readonly rateLimits: Map<string, Readonly<Record<string, number>>>;
  modelPermissions: { readonly mode: 'allow_list' | 'deny_list'; readonly model_ids: readonly string[] } | null;
  readonly hostedTools: Map<string, boolean>;
  serviceTiers: { readonly default: string; readonly enabled_tiers: 'all' | readonly string[] };
}

/** Something that events are about: a key, a certificate, a role. */
export interface Thing {
  readonly id: string;
  name: string;
  readonly createdAt: number;
  readonly project?: Project;
  /** What else the API lists of it, in the form of the API. */
  facts: Readonly<Record<string, unknown>>;
}

export interface Key extends Thing {
  readonly owner: { readonly type: 'user' | 'service_account'; readonly id: string };
  lastUsedAt: number | null;
}

export interface Group extends Thing {
  /** Ids of users. */
  readonly members: Set<string>;
}

/** A role that somebody has in the organization, or in the thing's project. */
export interface Assignment extends Thing {
  readonly principal: { readonly type: 'user' | 'group'; readonly id: string };
  readonly roleId: string;
}

export interface Stocks {
  readonly admin_api_key: Key;
  readonly api_key: Key;
  readonly assignment: Assignment;
  readonly certificate: Thing;
  readonly checkpoint: Thing;
  readonly external_key: Thing;
  readonly external_storage: Thing;
  readonly group: Group;
  readonly identity_mapping: Thing;
  readonly identity_provider: Thing;
  readonly invite: Thing;
  readonly ip_allowlist: Thing;
  readonly role: Thing;
  readonly service_account: Thing;
  readonly spend_alert: Thing;
}

export type Kind = keyof Stocks;

type Shelves = { [K in Kind]?: Stocks[K][] };

export function createEstate<U extends User>(organizationId: string, users: readonly U[], projects: Project[]): Estate {
  const shelves: Shelves = {};
  return {
    organizationId,
    users,
    projects,
    settings: { spendLimit: null, dataRetention: 'modified_abuse_monitoring', activeCertificates: new Set() },
    stock<K extends Kind>(kind: K): Stocks[K][] {
      shelves[kind] ??= [];
      return shelves[kind];
    },
  };
}

const TOOLS = ['code_interpreter', 'file_search', 'image_generation', 'mcp', 'web_search'];

/** A project as it is when somebody makes it. */
export function createProject(id: string, name: string | null, createdAt: number): Project {
  return {
    id,
    name,
    createdAt,
    archivedAt: null,
    members: new Map(),
    groups: new Map(),
    rateLimits: new Map(),
    spendLimit: null,
    dataRetention: 'organization_default',
    activeCertificates: new Set(),
    modelPermissions: null,
    hostedTools: new Map(TOOLS.map(tool => [tool, true])),
    serviceTiers: { default: 'standard', enabled_tiers: 'all' },
  };
}

/** Takes a thing out, and what cannot be without it. */
export function dropThing<K extends Kind>(estate: Estate, kind: K, thing: Stocks[K]): void {
  const { id } = thing;
  dropWhere(estate, kind, each => each === thing);
  if (kind === 'role') dropWhere(estate, 'assignment', ({ roleId, project }) => roleId === id && samePlace(project));
  if (kind === 'identity_provider') {
    dropWhere(estate, 'identity_mapping', ({ facts }) => facts.workload_identity_provider_id === id);
  }
  if (kind === 'service_account') dropWhere(estate, 'identity_mapping', ({ facts }) => facts.service_account_id === id);
  if (kind === 'service_account') dropWhere(estate, 'api_key', ({ owner }) => owner.id === id);
  if (kind === 'group') dropPrincipal(estate, id);
  if (kind === 'certificate') for (const scope of scopes(estate)) scope.activeCertificates.delete(id);

  function samePlace(project: Project | undefined): boolean {
    return project === thing.project;
  }
}

/** Takes a user's or group's memberships and roles. Keys stay: a key outlives the member that it was given to. */
export function dropPrincipal(estate: Estate, id: string): void {
  dropWhere(estate, 'assignment', ({ principal }) => principal.id === id);
  for (const group of estate.stock('group')) group.members.delete(id);
  for (const project of estate.projects) {
    project.members.delete(id);
    project.groups.delete(id);
  }
}

/** Takes what a project has of these kinds. */
export function dropOfProject(estate: Estate, project: Project, kinds: readonly Kind[]): void {
  for (const kind of kinds) dropWhere(estate, kind, thing => thing.project === project);
}

function dropWhere<K extends Kind>(estate: Estate, kind: K, matches: (thing: Stocks[K]) => boolean): void {
  const stock = estate.stock(kind);
  stock.splice(0, stock.length, ...stock.filter(thing => !matches(thing)));
}

function scopes(estate: Estate): readonly ScopeSettings[] {
  return [estate.settings, ...estate.projects];
}
