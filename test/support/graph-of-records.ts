/** What counts of a record, on whatever way it came. */
interface Heard {
  readonly eventName: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly resource: Readonly<Record<string, unknown>>;
}

interface Known {
  readonly edges: readonly string[];
  readonly isNode: boolean;
  readonly description: unknown;
  readonly expiresMs: number;
}

/** Joins two things and is none. */
const LINKS = ['project_member', 'group_member', 'project_group', 'certificate_activation'];

/** The graph as somebody has it who knows nothing but the records. */
export class GraphOfRecords {
  readonly #known = new Map<string, Known>();
  /** What a consumer cannot make sense of. */
  readonly faults: string[] = [];
  #atMs = Number.NEGATIVE_INFINITY;
  #way: unknown;

  hear({ eventName, attributes, timestamp, resource }: Heard): void {
    if (resource['service.name'] !== 'openai-inventory') return;
    const atMs = timestamp * 1000;
    const way = resource['service.instance.id'];
    if (way === this.#way && atMs < this.#atMs) this.faults.push(`${eventName}: time steps back`);
    this.#atMs = atMs;
    this.#way = way;
    const name = referenceOf(attributes['entity.type'], attributes['entity.id']);
    if (eventName === 'entity.delete' && !this.#known.delete(name))
      this.faults.push(`${name} is deleted, and was not there`);
    const [, kind = '', change] = /^openai\.inventory\.(\w+)\.(\w+)$/.exec(eventName) ?? [];
    const thing = `${kind} ${attributes['openai.inventory.id']}`;
    if (change === 'removed' && this.#known.has(thing)) this.faults.push(`${thing} is removed, and there`);
    if ((change === 'added' || change === 'changed') && !this.#known.has(thing))
      this.faults.push(`${thing} is not there`);
    if (eventName !== 'entity.state') return;
    const relationships = attributes['entity.relationships'] as readonly Record<string, unknown>[];
    this.#known.set(name, {
      edges: relationships.map(each => edgeOf(name, each)),
      isNode: !LINKS.includes(name.slice(0, name.indexOf(' '))),
      description: attributes['entity.description'],
      expiresMs: atMs + Number(attributes['entity.report.interval']) * 1000,
    });
  }

  get nodes(): readonly string[] {
    return [...this.#known].flatMap(([name, { isNode }]) => (isNode ? [name] : []));
  }

  get edges(): readonly string[] {
    return [...this.#known.values()].flatMap(({ edges }) => edges);
  }

  /** What is told of each thing, and of what joins two, by its name. */
  get descriptions(): ReadonlyMap<string, unknown> {
    return new Map([...this.#known].map(([name, { description }]) => [name, description]));
  }

  /** What was not told of again in time. */
  overdue(nowMs: number): readonly string[] {
    return [...this.#known].flatMap(([name, { expiresMs }]) => (expiresMs < nowMs ? [name] : []));
  }
}

function edgeOf(self: string, relationship: Record<string, unknown>): string {
  const type = relationship['relationship.type'];
  const other = referenceOf(relationship['entity.type'], relationship['entity.id']);
  if (relationship['relationship.direction'] === 'incoming') return `${other} ${type} ${self}`;
  const source = relationship['relationship.source.type'];
  return `${source === undefined ? self : referenceOf(source, relationship['relationship.source.id'])} ${type} ${other}`;
}

function referenceOf(type: unknown, id: unknown): string {
  const values = typeof id === 'object' && id !== null ? Object.values(id) : [];
  return `${String(type).replace(/^openai\./, '')} ${values.join('/')}`;
}
