import type { Session } from './connection.ts';

/** Times of one commit and another may change places by so much, which is no step back. */
const SAME_TIME_MS = 60_000;

/** Whose time must not step back: `said` by the collector of itself, or `listed` in the inventory. */
type Series = 'said' | 'listed';

/** Gives the next record of a series its way and time: where this machine's clock steps back, the next way begins. */
export function nextPlace(
  session: Session,
  series: Series,
  organization: number,
  atMs: number,
): { readonly n: number; readonly atMs: number } {
  const place = following(session, series, organization, atMs);
  const sql = `UPDATE organization SET ${series}_n = ?, ${series}_at_ms = ? WHERE id = ?`;
  session.run(sql, place.n, place.atMs, organization);
  return place;
}

function following(session: Session, series: Series, organization: number, atMs: number) {
  const sql = `SELECT ${series}_n AS n, ${series}_at_ms AS atMs FROM organization WHERE id = ?`;
  const last = session.get<{ n: number; atMs: number }>(sql, organization) ?? { n: 1, atMs };
  if (atMs >= last.atMs) return { n: last.n, atMs };
  return last.atMs - atMs <= SAME_TIME_MS ? last : { n: last.n + 1, atMs };
}
