import type { Api } from './api.ts';
import { fail, ok, type Result } from './check.ts';

/** What kind of key it is, as far as its form tells. Nothing of the key is in the result. */
export function checkKeyForm(key: string): Result {
  if (/^sk-admin-[\w-]+$/.test(key)) return ok('an Admin key');
  if (/[\s"'`*]|^bearer\b|…|\.\.\./i.test(key)) {
    return fail('key-misshapen', 'it holds spaces, quotes, dots or stars, which no key does');
  }
  const kind = KINDS.find(({ form }) => form.test(key))?.says;
  return kind === undefined ? ok('its form does not tell its kind') : fail('key-of-project', `this is ${kind}`);
}

const KINDS = [
  { form: /^sk-proj-/, says: 'the key of a project, which is not accepted here' },
  { form: /^sk-svcacct-/, says: "the key of a project's service account, which is not accepted here" },
  { form: /^sk-(None-)?[A-Za-z0-9_-]{20,}$/, says: 'the key of a user, which is not accepted here' },
] as const;

export async function checkKeyTaken(api: Api): Promise<Result> {
  const answer = await api.first();
  if ('error' in answer && answer.error.status === 401) return fail('key-refused', answer.error.message);
  return ok();
}

export async function checkAuditScope(api: Api): Promise<Result> {
  const [stream = 'organization'] = api.organization.auditLogs.streams;
  const answer = await api.newest(stream);
  if ('error' in answer && answer.error.status === 403) return fail('scope-audit-logs', answer.error.message);
  return ok('api.audit_logs.read');
}

const NAMES_SCOPE = /missing scopes|insufficient permissions/i;

/** A plan that lacks a family is refused with the same status, and names no scope. */
export async function checkManagementScope(api: Api): Promise<Result> {
  const answer = await api.family('projects');
  const isRefused = 'error' in answer && answer.error.status === 403 && NAMES_SCOPE.test(answer.error.message);
  return isRefused ? fail('scope-management', answer.error.message) : ok('api.management.read');
}
