import type { Family } from '../inventory/families.ts';
import type { Api } from './api.ts';
import { fail, ok, type Result, skipped, warn } from './check.ts';

export async function checkFamily(api: Api, family: Family): Promise<Result> {
  if (api.organization.inventory.exclude.includes(family)) return skipped('inventory.exclude names it');
  const answer = await api.family(family);
  if ('value' in answer) return ok();
  const { status, code = 'api-failed', message } = answer.error;
  if (status === 429) return skipped('the API asks to slow down');
  const action = `add ${family} to inventory.exclude, or a plan that has it`;
  return status === 403 || status === 404 ? warn('family-unavailable', message, action) : fail(code, message);
}
