import { ApiError } from './api-error.ts';
import { listAuditLogs } from './audit-logs.ts';
import { listProjects, listUsers, retrieve } from './inventory-routes.ts';
import type { Organization } from './organization.ts';
import type { Settings } from './settings.ts';

/** An answer as a value; `visited` is how many events were looked at for it. */
export interface Answer {
  readonly body: unknown;
  readonly visited?: number;
}

export interface RouteRequest {
  /** Without the question mark. */
  readonly query: string;
  /** What stands in the path for `{id}`. */
  readonly id: string;
  readonly organization: Organization;
  readonly settings: Readonly<Settings>;
}

export interface Route {
  /** Names the route to faults, limits and statistics. */
  readonly template: string;
  /** What the key must be allowed to do. */
  readonly scope: string;
  /** Throws an ApiError. */
  readonly answer: (request: RouteRequest) => Answer;
}

const ORGANIZATION_SCOPE = 'api.management.read';

export const ROUTES: readonly Route[] = [
  { template: '/organization/audit_logs', scope: 'api.audit_logs.read', answer: listAuditLogs },
  { template: '/organization/users', scope: ORGANIZATION_SCOPE, answer: listUsers },
  { template: '/organization/users/{id}', scope: ORGANIZATION_SCOPE, answer: retrieve('users', 'user') },
  { template: '/organization/projects', scope: ORGANIZATION_SCOPE, answer: listProjects },
  { template: '/organization/projects/{id}', scope: ORGANIZATION_SCOPE, answer: retrieve('projects', 'project') },
];

/** The route of a path under the API's base, and what stands for `{id}`; throws a 404 when there is none, a 405 for a method. */
export function findRoute(method: string, path: string): { readonly route: Route; readonly id: string } {
  for (const route of ROUTES) {
    const id = matchTemplate(route.template, path);
    if (id === undefined) continue;
    if (method === 'GET') return { route, id };
    throw new ApiError(405, `Not allowed to ${method} on /v1${path}.`, { code: 'method_not_supported' });
  }
  throw new ApiError(404, `Invalid URL (${method} /v1${path})`);
}

function matchTemplate(template: string, path: string): string | undefined {
  if (!template.endsWith('/{id}')) return template === path ? '' : undefined;
  const parent = template.slice(0, -'{id}'.length);
  const id = path.startsWith(parent) ? path.slice(parent.length) : '';
  return id === '' || id.includes('/') ? undefined : decode(id);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
