import type { AdminClient } from '../../api/admin-client.ts';
import { type AuditLogPage, type AuditLogQuery, type ListedEvent, listAuditLogs } from '../../api/audit-log.ts';
import type { Clock } from '../../clock.ts';
import { CollectorError } from '../../errors.ts';
import { createAuditLogReceiver, newTrust } from '../../receiver/audit-log.ts';
import type { Asked, WalkPage } from '../../receiver/receiver.ts';
import { type Filter, parametersOf } from './audit-filters.ts';

/** A stream of the audit log of one organization. */
export interface AuditSource {
  readonly organization: string;
  readonly stream: 'organization' | 'tenant';
  readonly client: AdminClient;
  readonly clock: Clock;
}

/** A page's events, and how far down everything was read by now. */
export interface Pages {
  readonly events: readonly ListedEvent[];
  /** Everything newer than this second was read; undefined while the order of the list is not certain. */
  readonly frontier: number | undefined;
  readonly ended: boolean;
}

/** A walk remembers what it saw: after so many pages a new one goes on. */
const MOST_PAGES = 200;
/** In a row; the limiter waits in between. Being asked to slow down does not count. */
const MOST_FAILURES = 6;
const PAUSE_MS = 500;

/** Reads a span newest first, as far as it is asked. An event may come again. Throws CollectorError when that is not possible. */
export async function* pagesOf(
  source: AuditSource,
  { gte, lte }: Asked,
  filters: readonly Filter[],
  signal: AbortSignal,
): AsyncGenerator<Pages, undefined> {
  const receiver = createAuditLogReceiver((query, stop) => listPage(source, query, filters, stop), newTrust());
  let below = lte;
  let lowest = Number.POSITIVE_INFINITY;
  for (let failures = 0; ; ) {
    const asked: Asked = { ...(gte === undefined ? {} : { gte }), ...(below === undefined ? {} : { lte: below }) };
    let frontier: number | undefined;
    try {
      for await (const page of limited(receiver.walk(asked, signal), below)) {
        frontier = page.descending ? page.oldest : undefined;
        if ((frontier ?? lowest) < lowest) failures = 0;
        lowest = Math.min(lowest, frontier ?? lowest);
        yield { events: page.events, frontier, ended: page.ended };
        if (page.ended) return;
      }
    } catch (error) {
      failures += failuresIn(error, signal);
      if (failures >= MOST_FAILURES) throw error;
      await source.clock.sleep(PAUSE_MS, signal);
    }
    below = frontier ?? below;
  }
}

/** The newest events of a span, at most a page; and whether there are more. */
export async function newestOf(
  source: AuditSource,
  { gte, lte }: Asked,
  filters: readonly Filter[],
  limit: number,
  signal: AbortSignal,
): Promise<AuditLogPage> {
  for (let failures = 0; ; ) {
    try {
      return await listPage(source, { gte, lte, limit }, filters, signal);
    } catch (error) {
      failures += failuresIn(error, signal);
      if (failures >= MOST_FAILURES) throw error;
      await source.clock.sleep(PAUSE_MS, signal);
    }
  }
}

/** What counts as a failed attempt. Throws what no other attempt changes. */
function failuresIn(error: unknown, signal: AbortSignal): number {
  if (signal.aborted || !(error instanceof CollectorError)) throw error;
  if (error.kind === 'misconfigured' || error.kind === 'rejected') throw error;
  return error.status === 429 ? 0 : 1;
}

function listPage(
  { client, stream }: AuditSource,
  query: Pick<AuditLogQuery, 'gte' | 'lte' | 'after' | 'limit'>,
  filters: readonly Filter[],
  signal: AbortSignal,
): Promise<AuditLogPage> {
  return listAuditLogs(client, { ...query, stream, filters: parametersOf(filters), priority: 'gap' }, signal);
}

/** As many pages as one walk should have, when it can be gone on with below. */
async function* limited(pages: AsyncIterable<WalkPage>, lte = Number.POSITIVE_INFINITY): AsyncGenerator<WalkPage> {
  let count = 0;
  for await (const page of pages) {
    yield page;
    count += 1;
    if (count >= MOST_PAGES && page.descending && (page.oldest ?? lte) < lte) return;
  }
}
