import { ApiError } from './api-error.ts';
import { listAuditLogs } from './audit-logs.ts';
import { INVENTORY_ROUTES } from './inventory/routes.ts';
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
  /** Below the API's base, as it was sent. */
  readonly path: string;
  /** What stands in the path for each placeholder, by its name. */
  readonly ids: Readonly<Record<string, string>>;
  /** So many items later (or, negative, sooner) than the cursor says: the list moved. */
  readonly moved?: number;
  readonly organization: Organization;
  readonly settings: Readonly<Settings>;
}

export interface Route {
  /** Names the route to faults, limits and statistics. */
  readonly template: string;
  /** What a plan may lack as a whole. */
  readonly family: string;
  /** What the key must be allowed to do. */
  readonly scope: string;
  /** Throws an ApiError. */
  readonly answer: (request: RouteRequest) => Answer;
}

export const ROUTES: readonly Route[] = [
  {
    template: '/organization/audit_logs',
    family: 'audit_logs',
    scope: 'api.audit_logs.read',
    answer: listAuditLogs,
  },
  ...INVENTORY_ROUTES,
];

/** What a path below the API's base leads to. */
export interface Found {
  readonly route: Route;
  readonly path: string;
  readonly ids: RouteRequest['ids'];
}

/** The route of a path; throws a 404 when there is none, a 405 for a method. */
export function findRoute(method: string, path: string): Found {
  for (const { route, pattern } of PATTERNS) {
    const match = pattern.exec(path);
    if (match === null) continue;
    if (method !== 'GET') {
      throw new ApiError(405, `Not allowed to ${method} on /v1${path}.`, { code: 'method_not_supported' });
    }
    const ids = Object.entries(match.groups ?? {}).map(([name, segment]) => [name, decode(segment)]);
    return { route, path, ids: Object.fromEntries(ids) };
  }
  throw new ApiError(404, `Invalid URL (${method} /v1${path})`);
}

const PATTERNS = ROUTES.map(route => ({ route, pattern: patternOf(route.template) }));

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
