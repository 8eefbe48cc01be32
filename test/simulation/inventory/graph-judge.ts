import type { Emulator } from '../../../src/emulator/emulator.ts';
import type { LogRecord } from '../../../src/record.ts';
import { GraphOfRecords } from '../../support/graph-of-records.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';

/** From when until when a node or an edge exists; simulated milliseconds. */
interface Span {
  readonly fromMs: number;
  toMs: number;
}

/** Longer than a list is read, with all attempts. */
const READING_MS = 15 * 60_000;
/** The configured name stands for the organization's id. */
const NAME = 'acme';

/**
 * Compares the graph that somebody has who knows nothing but the delivered records with what there is: whatever a record
 * adds was there when its list was read, and whatever it takes away was not.
 */
export class GraphJudge {
  readonly graph = new GraphOfRecords();
  /** What is worth an alert, in order: `api_key.added key_1`. */
  readonly news: string[] = [];
  /** Readings that were told of, each by how much news there was until its end. */
  readonly snapshots: number[] = [];
  readonly #emulator: Emulator;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #truth = new Map<string, Span[]>();
  readonly #toldMs = new Map<string, number>();
  #epochMs = 0;
  #changedMs = 0;

  constructor(emulator: Emulator, scheduler: Scheduler, trace: Trace, epochMs: number) {
    this.#emulator = emulator;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#epochMs = epochMs;
  }

  /** Writes down what there is now. */
  look(): void {
    const { nowMs } = this.#scheduler;
    const now = this.#now();
    for (const element of now) {
      const last = this.#truth.get(element)?.at(-1);
      if (last !== undefined && last.toMs === Number.POSITIVE_INFINITY) continue;
      this.#truth.set(element, [
        ...(this.#truth.get(element) ?? []),
        { fromMs: nowMs, toMs: Number.POSITIVE_INFINITY },
      ]);
      this.#changedMs = nowMs;
    }
    for (const [element, spans] of this.#truth) {
      const last = spans.at(-1);
      if (last === undefined || last.toMs !== Number.POSITIVE_INFINITY || now.has(element)) continue;
      last.toMs = nowMs;
      this.#changedMs = nowMs;
    }
  }

  hear(record: LogRecord): void {
    const { eventName, attributes, timestamp } = record;
    if (record.resource['service.name'] !== 'openai-inventory') return;
    const before = this.#elements();
    this.graph.hear(record);
    for (const fault of this.graph.faults.splice(0)) this.#trace.violation('sense', fault);
    const atMs = Math.round(timestamp * 1000) - this.#epochMs;
    const after = this.#elements();
    for (const element of after) if (!before.has(element)) this.#judgeAdded(element, atMs);
    for (const element of before) if (!after.has(element)) this.#judgeGone(element, atMs);
    const [, kind, change] = /^openai\.inventory\.(\w+)\.(added|changed|removed)$/.exec(eventName) ?? [];
    if (change !== undefined) {
      const paths = attributes['openai.inventory.change.paths'];
      this.news.push(`${kind}.${change} ${attributes['openai.inventory.id']} ${paths ?? ''}`.trim());
    }
    if (eventName !== 'openai.inventory.snapshot') return;
    this.snapshots.push(this.news.length);
    const startedMs = Date.parse(String(attributes['openai.inventory.snapshot.id'])) - this.#epochMs;
    const isWhole = attributes['openai.inventory.snapshot.complete'] === true;
    // Only where nothing changed meanwhile it is clear what a whole reading must come to.
    if (isWhole && this.#changedMs <= startedMs) this.judgeWhole('a complete snapshot');
  }

  /** What was told comes to what there is. */
  judgeWhole(when: string): void {
    const [told, truth] = [this.#elements(), this.#now()];
    const less = [...truth].filter(element => !told.has(element) && this.#isTold(element));
    const more = [...told].filter(element => !truth.has(element) && this.#isTold(element));
    if (less.length > 0) this.#trace.violation('whole', `${when}: ${less.length} not told of: ${less.slice(0, 5)}`);
    if (more.length > 0) this.#trace.violation('whole', `${when}: ${more.length} not there: ${more.slice(0, 5)}`);
  }

  #judgeAdded(element: string, atMs: number): void {
    this.#toldMs.set(element, atMs);
    const spans = this.#truth.get(element) ?? [];
    if (spans.some(({ fromMs, toMs }) => fromMs <= atMs && toMs >= atMs - READING_MS)) return;
    this.#trace.violation('invented', `${element} was told of, and was not there`);
  }

  #judgeGone(element: string, atMs: number): void {
    const toldMs = this.#toldMs.get(element) ?? atMs;
    const wasAbsent = ({ fromMs, toMs }: Span) => fromMs > toldMs || (toMs <= atMs && toMs >= toldMs - READING_MS);
    if (this.#truth.get(element)?.some(wasAbsent)) return;
    this.#trace.violation('false removal', `${element} was called gone, and was there`);
  }

  #elements(): ReadonlySet<string> {
    return new Set([...this.graph.nodes, ...this.graph.edges]);
  }

  /** Nobody is told who is in an archived project, nor which roles they have there: what was known of that stays known. */
  #isTold(element: string): boolean {
    const { projects } = this.#emulator.organization.estate;
    return !projects.some(({ id, archivedAt }) => archivedAt !== null && isMembership(element, id));
  }

  #now(): ReadonlySet<string> {
    const { organization } = this.#emulator;
    const { nodes, edges } = organization.graph();
    const own = (text: string) => text.replaceAll(organization.estate.organizationId, NAME);
    return new Set([...nodes, ...edges].map(own));
  }
}

/** Of a member, a service account, or a role of either, in a project; as a node or as an edge. */
function isMembership(element: string, project: string): boolean {
  return (
    element.includes(`role_assignment ${project}/`) ||
    element.startsWith(`project ${project} resource service_account `) ||
    (/^user \S+ (member|admin)_of /.test(element) && element.endsWith(` project ${project}`))
  );
}
