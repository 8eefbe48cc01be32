import {
  createProject,
  dropOfProject,
  dropPrincipal,
  dropThing,
  type Estate,
  type Key,
  type Project,
  type User,
} from '../../src/emulator/estate.ts';
import type { Organization } from '../../src/emulator/organization.ts';
import type { Dice } from '../../src/emulator/random.ts';
import type { History } from './history.ts';

/** A thing by its kind and id, such as `user user-1`. */
type Node = string;

/** What an organization has besides events, how that changes, and the truth about it: what was ever there, and gone. */
export class SimulatedEstate {
  readonly #organization: Organization;
  readonly #users: User[];
  readonly #dice: Dice;
  readonly #ever = new Set<Node>();
  readonly #gone = new Set<Node>();
  readonly #accounts = new Map<Node, Project>();
  #number = 0;

  constructor(organization: Organization, dice: Dice, { users, projects }: NonNullable<History['inventory']>) {
    this.#organization = organization;
    // The estate is the emulator's own: whoever changes it here changes what the API lists.
    this.#users = organization.estate.users as User[];
    this.#dice = dice;
    for (let n = 0; n < users; n += 1) this.#addUser();
    for (let n = 0; n < projects; n += 1) this.#addProject();
    for (let n = 0; n < 2 * projects; n += 1) this.#addKey();
    this.#look();
  }

  /** What there is now. */
  get present(): ReadonlySet<Node> {
    return new Set(this.#organization.graph().nodes);
  }

  wasEver(node: Node): boolean {
    return this.#ever.has(node);
  }

  /** Whether it was not there for a time that may be over. */
  wasGone(node: Node): boolean {
    return this.#gone.has(node);
  }

  /** What service accounts an archived project has, nobody is told: what was known last stays. */
  isUntold(node: Node): boolean {
    return (this.#accounts.get(node)?.archivedAt ?? null) !== null;
  }

  /** Names of what can be renamed, by node. */
  get names(): ReadonlyMap<Node, string> {
    const { estate } = this.#organization;
    return new Map([
      ...estate.projects.map(({ id, name }) => [`project ${id}`, name ?? ''] as const),
      ...estate.stock('group').map(({ id, name }) => [`group ${id}`, name] as const),
    ]);
  }

  /** Somebody adds, renames or removes something. */
  change(): void {
    this.#dice.pick([
      () => this.#addUser(),
      () => this.#removeUser(),
      () => this.#addProject(),
      () => this.#rename(),
      () => this.#archive(),
      () => this.#addKey(),
      () => this.#removeThing('api_key'),
      () => this.#removeThing('admin_api_key'),
      () => this.#addGroup(),
      () => this.#removeThing('group'),
      () => this.#addAccount(),
      () => this.#removeThing('service_account'),
    ])();
    this.#look();
  }

  #look(): void {
    const { present } = this;
    for (const node of this.#ever) if (!present.has(node)) this.#gone.add(node);
    for (const node of present) this.#ever.add(node);
  }

  get #estate(): Estate {
    return this.#organization.estate;
  }

  #next(): { readonly number: number; readonly createdAt: number } {
    this.#number += 1;
    return { number: this.#number, createdAt: Math.floor(this.#organization.clock.nowMs() / 1000) };
  }

  #addUser(): void {
    const { number, createdAt } = this.#next();
    const id = `user-${number}`;
    this.#users.push({
      id,
      name: `User ${number}`,
      email: `u${number}@example.com`,
      role: 'reader',
      addedAt: createdAt,
    });
    const project = this.#dice.chance(0.5) ? this.#estate.projects[0] : undefined;
    project?.members.set(id, { role: 'member', addedAt: createdAt });
  }

  /** Somebody has to stay, who shows whose organization it is. */
  #removeUser(): void {
    if (this.#users.length < 3) return;
    const [user] = this.#users.splice(this.#dice.integer(1, this.#users.length - 1), 1);
    if (user !== undefined) dropPrincipal(this.#estate, user.id);
  }

  #addProject(): void {
    const { number, createdAt } = this.#next();
    this.#estate.projects.push(createProject(`proj_${number}`, `Project ${number}`, createdAt));
  }

  #rename(): void {
    const named = [...this.#estate.projects, ...this.#estate.stock('group')];
    if (named.length > 0) this.#dice.pick(named).name = `Renamed ${this.#next().number}`;
  }

  #archive(): void {
    const [, ...others] = this.#estate.projects.filter(({ archivedAt }) => archivedAt === null);
    if (others.length === 0) return;
    const project = this.#dice.pick(others);
    project.archivedAt = this.#next().createdAt;
    dropOfProject(this.#estate, project, ['api_key']);
  }

  #addKey(): void {
    const { number, createdAt } = this.#next();
    const project = this.#dice.pick(this.#estate.projects.filter(({ archivedAt }) => archivedAt === null));
    const owner = { type: 'user', id: this.#dice.pick(this.#users).id } as const;
    const key: Key = {
      id: `key_${number}abcdefgh`,
      name: `Key ${number}`,
      createdAt,
      facts: {},
      owner,
      lastUsedAt: null,
    };
    if (this.#dice.chance(0.3)) this.#estate.stock('admin_api_key').push(key);
    else this.#estate.stock('api_key').push({ ...key, project });
  }

  #addGroup(): void {
    const { number, createdAt } = this.#next();
    const facts = { group_type: 'group', is_scim_managed: false };
    const members = new Set(this.#users.slice(0, 2).map(({ id }) => id));
    this.#estate.stock('group').push({ id: `group_${number}`, name: `Group ${number}`, createdAt, facts, members });
  }

  #addAccount(): void {
    const { number, createdAt } = this.#next();
    const project = this.#dice.pick(this.#estate.projects.filter(({ archivedAt }) => archivedAt === null));
    const account = { id: `svc_acct_${number}`, name: `Account ${number}`, createdAt, project };
    this.#accounts.set(`service_account ${account.id}`, project);
    this.#estate.stock('service_account').push({ ...account, facts: { role: 'member' } });
  }

  #removeThing(kind: 'api_key' | 'admin_api_key' | 'group' | 'service_account'): void {
    const stock = this.#estate.stock(kind);
    const thing = stock[this.#dice.integer(0, Math.max(0, stock.length - 1))];
    if (thing !== undefined) dropThing(this.#estate, kind, thing as never);
  }
}
