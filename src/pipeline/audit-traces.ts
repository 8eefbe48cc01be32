import { type AuditTrace, explains } from '../inventory/audit-trace.ts';
import type { Finding } from '../inventory/difference.ts';
import type { Kind } from '../inventory/kind.ts';
import type { ChangeFacts } from '../processor/processor.ts';

const MOST = 1_000;

/** What the newest audit events said of the inventory, so that a change can be explained when it is seen. */
export class AuditTraces {
  #traces: readonly AuditTrace[] = [];

  add(trace: AuditTrace): void {
    this.#traces = [...this.#traces, trace].slice(-MOST);
  }

  /** Whether an event that is about no project in particular names something. */
  name(id: string): boolean {
    return this.#traces.some(({ projectId, names }) => projectId === undefined && names.has(id));
  }

  /** The newest event that tells of a finding and is not older than what was known before, in Unix seconds. */
  explain(kind: Kind, { thing, change }: Finding, sinceS: number): Pick<ChangeFacts, 'explainedBy'> {
    if (change === 'state') return {};
    const event = this.#traces.findLast(each => each.effectiveAt >= sinceS && explains(each, kind, thing.id));
    return event === undefined ? {} : { explainedBy: { uid: event.uid, type: event.type, actor: event.actor } };
  }
}
