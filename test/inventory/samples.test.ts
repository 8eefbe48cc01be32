import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { organizationId, readEntity, referenceText } from '../../src/inventory/entity.ts';
import { kindOf } from '../support/inventory-crawl.ts';

/** Items of a live organization, beside the repository where somebody has put them. */
const folder = new URL('../../../shared/samples/inventory/', import.meta.url);

const PARENT = { ...organizationId('org-1'), 'project.id': 'proj_1' };

describe.skipIf(!existsSync(folder))('live items', () => {
  test.each([
    ['openai_users-00', '/organization/users', 'user', []],
    ['openai_projects-00', '/organization/projects', 'project', []],
    [
      'openai_projects_members-00',
      '/organization/projects/{project_id}/users',
      'project_member',
      ['member_of', 'admin_of'],
    ],
    ['openai_projects_members-01', '/organization/projects/{project_id}/users', 'project_member', ['member_of']],
    ['openai_serviceaccounts-00', '/organization/projects/{project_id}/service_accounts', 'service_account', []],
    ['openai_apikeys-00', '/organization/projects/{project_id}/api_keys', 'api_key', ['owns', 'owned_by']],
    ['openai_adminapikeys-00', '/organization/admin_api_keys', 'admin_api_key', ['owns', 'owned_by']],
    ['openai_adminapikeys-01', '/organization/admin_api_keys', 'admin_api_key', ['owns', 'owned_by']],
  ])('%s is read as what it is', (file, route, kind, types) => {
    const item = JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8'));
    const entity = readEntity(kindOf(route), PARENT, item);
    if (entity === undefined) throw new Error(`${file} is nothing`);
    expect(referenceText(entity)).toContain(`${kind} `);
    expect(referenceText(entity)).toContain(item.id);
    expect(entity.relations.map(({ type }) => type).filter(type => type !== 'resource')).toEqual(types);
    expect(JSON.stringify(entity)).not.toMatch(/sk-admin-\w/);
  });
});
