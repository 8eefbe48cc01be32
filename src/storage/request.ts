import type { Session } from './connection.ts';

interface RequestRow {
  readonly id: number;
  readonly kind: string;
  readonly ask: string;
  readonly taken: number;
}

const DAY_MS = 86_400_000;

export function listRequests(session: Session, organization: string): RequestRow[] {
  const sql = 'SELECT id, kind, ask, taken FROM request WHERE organization = ? AND answer IS NULL ORDER BY id';
  return session.all<RequestRow>(sql, organization);
}

export function takeRequests(session: Session, organization: string): void {
  session.run('UPDATE request SET taken = 1 WHERE organization = ? AND taken = 0', organization);
}

export function answerRequest(session: Session, id: number, answer: string, atMs: number): void {
  session.run('UPDATE request SET answer = ? WHERE id = ?', answer, id);
  session.run('DELETE FROM request WHERE answer IS NOT NULL AND asked_at_ms < ?', atMs - DAY_MS);
}
