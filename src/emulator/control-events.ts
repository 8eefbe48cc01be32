import {
  amount,
  ControlError,
  count,
  duration,
  fields,
  listOf,
  object,
  oneOf,
  required,
  text,
} from './control-body.ts';
import type { Organization } from './organization.ts';

const STREAMS = ['organization', 'tenant'] as const;

const checkEvents = fields({
  /** Events as they are. */
  append: listOf(object),
  /** Made-up events that happened some time ago. */
  late: fields({ count, ago: duration, within: duration, tenant_share: amount }),
  /** Made-up events that happened just now. */
  storm: fields({ count, within: duration, tenant_share: amount }),
  vanish: fields({ ids: listOf(text), newest: count, stream: oneOf(...STREAMS) }),
  /** Everything added is listed only after so long. */
  visible_in: duration,
});

/** Adds events and takes some out of the listing; which ones it was. */
export function changeEvents(organization: Organization, body: unknown): { added: string[]; vanished: string[] } {
  const { append, late, storm, vanish, visible_in: visibleInMs } = checkEvents(body, 'body');
  const nowS = Math.floor(organization.clock.nowMs() / 1000);
  const added = append === undefined ? [] : organization.append(append, visibleInMs);
  for (const [name, wanted, agoMs] of [
    ['late', late, late === undefined ? 0 : required(late.ago, 'body.late.ago')],
    ['storm', storm, 0],
  ] as const) {
    if (wanted === undefined) continue;
    const toS = nowS + 1 - Math.floor(agoMs / 1000);
    const fromS = toS - Math.max(1, Math.floor((wanted.within ?? 1000) / 1000));
    const tenantShare = wanted.tenant_share ?? 0;
    const number = required(wanted.count, `body.${name}.count`);
    added.push(...organization.storm({ count: number, fromS, toS, tenantShare }, visibleInMs));
  }
  return { added, vanished: vanish === undefined ? [] : organization.vanish(idsToVanish(organization, vanish)) };
}

function idsToVanish(
  organization: Organization,
  { ids, newest, stream = 'organization' }: NonNullable<ReturnType<typeof checkEvents>['vanish']>,
): readonly string[] {
  if (ids !== undefined) return ids;
  if (newest === undefined) throw new ControlError('body.vanish needs ids or newest');
  const newestFirst = organization.listed(stream);
  return Array.from({ length: newest }, () => newestFirst.next().value?.id).filter(id => id !== undefined);
}

/** One line of JSON for each event that is listed now, newest first in each stream: id, type, effective_at, stream; with `whole=true`, all of it. */
export function listedEvents(organization: Organization, query: URLSearchParams): string {
  const streams = STREAMS.filter(stream => (query.get('stream') ?? stream) === stream);
  if (streams.length === 0) throw new ControlError(`stream: expected one of ${STREAMS.join(', ')}`);
  const from = seconds(query, 'from') ?? Number.NEGATIVE_INFINITY;
  const to = seconds(query, 'to') ?? Number.POSITIVE_INFINITY;
  const whole = query.get('whole') === 'true';
  const lines: string[] = [];
  for (const stream of streams) {
    for (const event of organization.listed(stream)) {
      const { id, type, effectiveAt } = event;
      if (effectiveAt < from || effectiveAt >= to) continue;
      const line = whole ? event.content() : { id, type, effective_at: effectiveAt, stream };
      lines.push(`${JSON.stringify(line)}\n`);
    }
  }
  return lines.join('');
}

function seconds(query: URLSearchParams, name: string): number | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  if (!/^-?\d+$/.test(given)) throw new ControlError(`${name}: expected Unix seconds, got ${JSON.stringify(given)}`);
  return Number(given);
}
