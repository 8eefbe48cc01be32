import type { AuditEvent, StoredEvent } from '../audit-event.ts';
import { isTenantType } from '../catalogue.ts';
import { createDice, type Dice } from '../random.ts';
import { signedIn } from './actor.ts';
import { createWorld, type World } from './world.ts';

export interface BulkOptions {
  readonly seed: string;
  readonly count: number;
  /** Unix seconds, inclusive and exclusive. */
  readonly fromS: number;
  readonly toS: number;
  /** Evenly spread, or in bursts of up to 2,000 within a few seconds. */
  readonly density: 'uniform' | 'bursty';
  /** Share of the events that belong to the tenant stream. */
  readonly tenantShare: number;
}

/** Events in any number, ascending by time, for storms and for load. They are cheap: one is made only when it is read. */
export function* bulkEvents(options: BulkOptions): Generator<StoredEvent, void> {
  const dice = createDice(`bulk ${options.seed}`);
  const cast = createCast(dice, options.fromS);
  const seconds = options.density === 'uniform' ? uniformSeconds(options) : burstySeconds(options, dice);
  let number = 0;
  for (const effectiveAt of seconds) {
    const type = dice.pick(dice.next() < options.tenantShare ? TENANT_TYPES : TYPES);
    yield new BulkEvent(`audit_log-${dice.alphanumerics(24)}`, type, effectiveAt, number, cast);
    number += 1;
  }
}

const TYPES = [
  ...Array.from({ length: 12 }, () => 'login.succeeded'),
  ...['logout.succeeded', 'login.failed', 'api_key.created', 'api_key.deleted', 'project.updated', 'invite.sent'],
];
const TENANT_TYPES = [
  'tenant.user.added',
  'tenant.user.looked_up',
  'tenant.group.member.added',
  'tenant.policy.updated',
];

interface Cast {
  readonly world: World;
  readonly actors: readonly unknown[];
}

class BulkEvent implements StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly effectiveAt: number;
  readonly #number: number;
  readonly #cast: Cast;

  constructor(id: string, type: string, effectiveAt: number, number: number, cast: Cast) {
    this.id = id;
    this.type = type;
    this.effectiveAt = effectiveAt;
    this.#number = number;
    this.#cast = cast;
  }

  content(): AuditEvent {
    const { world, actors } = this.#cast;
    const project = world.projects[this.#number % world.projects.length];
    const payload = this.#payload(project?.id);
    return {
      object: 'organization.audit_log',
      id: this.id,
      type: this.type,
      effective_at: this.effectiveAt,
      ...(project && payload && !isTenantType(this.type) && { project: { id: project.id, name: project.name } }),
      actor: actors[this.#number % actors.length],
      ...(payload !== undefined && { [this.type]: payload }),
    };
  }

  #payload(projectId: string | undefined): object | null | undefined {
    const suffix = this.id.slice(-16);
    if (isTenantType(this.type)) return [undefined, null, { id: `tenant_${suffix}` }][this.#number % 3];
    switch (this.type) {
      case 'login.failed':
        return { error_code: 'invalid_credentials', error_message: 'Wrong email or password.' };
      case 'api_key.created':
        return { id: `key_${suffix}`, data: { scopes: ['model.request'] } };
      case 'api_key.deleted':
        return { id: `key_${suffix}` };
      case 'project.updated':
        return { id: projectId, changes_requested: { title: `Title ${this.#number}` } };
      case 'invite.sent':
        return { id: `invite-${suffix}`, data: { email: `guest.${this.#number}@example.com`, role: 'reader' } };
      default:
        return undefined;
    }
  }
}

function createCast(dice: Dice, fromS: number): Cast {
  const world = createWorld(dice, fromS * 1000);
  return { world, actors: world.people.map(person => signedIn(person, fromS * 1000, dice).json) };
}

function* uniformSeconds({ count, fromS, toS }: BulkOptions): Generator<number, void> {
  for (let number = 0; number < count; number += 1) yield fromS + Math.floor((number * (toS - fromS)) / count);
}

function* burstySeconds({ count, fromS, toS }: BulkOptions, dice: Dice): Generator<number, void> {
  for (let number = 0; number < count; ) {
    const size = Math.min(count - number, Math.ceil(2000 * dice.next() ** 4));
    const startS = fromS + Math.floor((number * (toS - fromS)) / count);
    const nextS = fromS + Math.floor(((number + size) * (toS - fromS)) / count);
    const lastS = Math.min(Math.max(startS, nextS - 1), startS + Math.ceil(size / 200));
    for (let at = 0; at < size; at += 1) yield startS + Math.floor((at * (lastS - startS + 1)) / size);
    number += size;
  }
}
