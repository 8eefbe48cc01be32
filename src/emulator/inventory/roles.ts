import type { Thing } from '../estate.ts';

/** The roles that every organization has; those of projects have the same ids in every project. */
export const PREDEFINED_ROLES: Readonly<Record<'organization' | 'project', readonly Thing[]>> = {
  organization: [
    predefined('organization', 'owner', ['api.organization.read', 'api.organization.write', 'api.groups.write']),
    predefined('organization', 'reader', ['api.organization.read']),
  ],
  project: [
    predefined('project', 'owner', [
      'api.organization.projects.api_keys.read',
      'api.organization.projects.api_keys.write',
    ]),
    predefined('project', 'member', ['api.model.request']),
    predefined('project', 'viewer', ['api.organization.projects.read']),
  ],
};

function predefined(scope: 'organization' | 'project', name: string, permissions: readonly string[]): Thing {
  return {
    id: `role-api-${scope}-${name}`,
    name,
    createdAt: 0,
    facts: { description: null, permissions, predefined_role: true, resource_type: `api.${scope}` },
  };
}
