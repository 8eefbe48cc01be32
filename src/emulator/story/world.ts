import type { Dice } from '../random.ts';
import { createPerson, type Person } from './cast.ts';

/** Something that events are about: a key, a certificate, a role. */
export interface Thing {
  readonly id: string;
  readonly name: string;
  readonly project?: Project;
}

export interface Project {
  readonly id: string;
  name: string;
  /** Unix seconds. */
  readonly createdAt: number;
  archivedAt: number | null;
}

/** What exists in the organization at this moment of the story. */
export interface World {
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly people: Person[];
  /** By invite id: who comes when it is accepted. */
  readonly invited: Map<string, Person>;
  /** The first one is the default project. */
  readonly projects: Project[];
  /** By kind: keys, groups, roles and so on. */
  stock(kind: string): Thing[];
  /** Drops what a project had of a kind. */
  forget(kind: string, project: Project): void;
  activeProjects(): readonly Project[];
  defaultProject(): Project;
  /** Somebody new, not yet among the people, with an email address that nobody ever had. */
  newcomer(addedAt: number, role: Person['role']): Person;
}

const PROJECT_NAMES = [
  'Support assistant',
  'Search quality',
  'Document intake',
  'Code review',
  'Fraud signals',
  'Voice pilot',
];
const PEOPLE = 24;
const OWNERS = 4;
const DAY_S = 86_400;

/** The organization as it is when the story begins: a year old, with keys and service accounts in use. */
export function createWorld(dice: Dice, startMs: number): World {
  const startS = Math.floor(startMs / 1000);
  const shelves = new Map<string, Thing[]>();
  const taken = new Set<string>();
  const world: World = {
    organizationId: `org-${dice.alphanumerics(24)}`,
    workspaceId: `ws-${dice.hex(12)}`,
    people: [],
    invited: new Map(),
    projects: createProjects(dice, startS),
    stock(kind) {
      const stock = shelves.get(kind) ?? [];
      shelves.set(kind, stock);
      return stock;
    },
    forget(kind, project) {
      shelves.set(
        kind,
        world.stock(kind).filter(thing => thing.project !== project),
      );
    },
    activeProjects: () => world.projects.filter(project => project.archivedAt === null),
    defaultProject: () => world.projects[0] as Project,
    newcomer(addedAt, role) {
      const person = createPerson(dice, addedAt, role, taken);
      taken.add(person.email);
      return person;
    },
  };
  for (let count = 0; count < PEOPLE; count += 1) {
    const addedAt = startS - dice.integer(20, 365) * DAY_S;
    world.people.push(world.newcomer(addedAt, count < OWNERS ? 'owner' : 'reader'));
  }
  for (const project of world.projects) {
    world.stock('service_account').push({ id: `svc_acct_${dice.alphanumerics(24)}`, name: 'batch worker', project });
    world.stock('api_key').push({ id: `key_${dice.alphanumerics(16)}`, name: 'production', project });
  }
  return world;
}

function createProjects(dice: Dice, startS: number): Project[] {
  return ['Default project', ...PROJECT_NAMES].map((name, index) => ({
    id: `proj_${dice.alphanumerics(24)}`,
    name,
    createdAt: startS - (index === 0 ? 365 : dice.integer(30, 360)) * DAY_S,
    archivedAt: null,
  }));
}
