import { createEstate, createProject, dropPrincipal, type Estate, type Project } from '../estate.ts';
import type { Dice } from '../random.ts';
import { createPerson, type Person } from './cast.ts';

/** What exists in the organization at this moment of the story. */
export interface World extends Estate {
  readonly workspaceId: string;
  /** The users. */
  readonly people: Person[];
  /** By invite id: who comes when it is accepted. */
  readonly invited: Map<string, Person>;
  activeProjects(): readonly Project[];
  defaultProject(): Project;
  /** Somebody new, not yet among the people, with an email address that nobody ever had. */
  newcomer(addedAt: number, role: Person['role']): Person;
  /** Somebody goes, and with them every membership and role. */
  leave(person: Person): void;
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
  const taken = new Set<string>();
  const people: Person[] = [];
  const organizationId = `org-${dice.alphanumerics(24)}`;
  const workspaceId = `ws-${dice.hex(12)}`;
  const estate = createEstate(organizationId, people, createProjects(dice, startS));
  const world: World = {
    ...estate,
    workspaceId,
    people,
    invited: new Map(),
    activeProjects: () => world.projects.filter(project => project.archivedAt === null),
    defaultProject: () => world.projects[0] as Project,
    newcomer(addedAt, role) {
      const person = createPerson(dice, addedAt, role, taken);
      taken.add(person.email);
      return person;
    },
    leave(person) {
      people.splice(people.indexOf(person), 1);
      dropPrincipal(world, person.id);
    },
  };
  for (let count = 0; count < PEOPLE; count += 1) {
    const addedAt = startS - dice.integer(20, 365) * DAY_S;
    people.push(world.newcomer(addedAt, count < OWNERS ? 'owner' : 'reader'));
  }
  for (const project of world.projects) {
    const id = `svc_acct_${dice.alphanumerics(24)}`;
    const { createdAt } = project;
    const facts = { role: 'member' };
    world.stock('service_account').push({ id, name: 'batch worker', createdAt, project, facts });
    const owner = { type: 'service_account', id } as const;
    const key = { id: `key_${dice.alphanumerics(16)}`, name: 'production', createdAt, project, facts: {} };
    world.stock('api_key').push({ ...key, owner, lastUsedAt: startS - dice.integer(1, 86_400) });
  }
  return world;
}

function createProjects(dice: Dice, startS: number): Project[] {
  return ['Default project', ...PROJECT_NAMES].map((name, index) =>
    createProject(`proj_${dice.alphanumerics(24)}`, name, startS - (index === 0 ? 365 : dice.integer(30, 360)) * DAY_S),
  );
}
