import { ApiError, invalidValue } from './api-error.ts';
import type { Inventory, Listed, ListedProject, ListedUser } from './inventory.ts';
import { Parameters } from './parameters.ts';
import type { Answer, RouteRequest } from './routes.ts';

const LIMIT = { fallback: 20, most: 100 };

/** GET /organization/users. */
export function listUsers({ query, organization, settings }: RouteRequest): Answer {
  const known = ['limit', 'after', 'emails', 'emails[]'];
  const parameters = new Parameters(query, known, settings.unknownParameters === 'ignore');
  const emails = parameters.texts('emails[]') ?? parameters.texts('emails');
  const users: readonly ListedUser[] = organization.inventory.users();
  const chosen = emails === undefined ? users : users.filter(({ email }) => email !== null && emails.includes(email));
  return { body: page(chosen, parameters) };
}

/** GET /organization/projects. */
export function listProjects({ query, organization, settings }: RouteRequest): Answer {
  const known = ['limit', 'after', 'include_archived'];
  const parameters = new Parameters(query, known, settings.unknownParameters === 'ignore');
  const archived = parameters.flag('include_archived');
  const projects: readonly ListedProject[] = organization.inventory.projects();
  return { body: page(archived ? projects : projects.filter(({ status }) => status === 'active'), parameters) };
}

/** GET of one object by its id. */
export function retrieve(kind: keyof Inventory, name: string): (request: RouteRequest) => Answer {
  return ({ organization, id, query, settings }) => {
    new Parameters(query, [], settings.unknownParameters === 'ignore');
    const listed: readonly Listed[] = organization.inventory[kind]();
    const found = listed.find(item => item.id === id);
    if (found === undefined) throw new ApiError(404, `No ${name} found with id '${id}'.`, { param: `${name}_id` });
    return { body: found };
  };
}

function page(items: readonly Listed[], parameters: Parameters): object {
  const limit = parameters.limit(LIMIT);
  const after = parameters.text('after');
  const place = after === undefined ? -1 : items.findIndex(({ id }) => id === after);
  if (after !== undefined && place < 0)
    throw invalidValue('after', `Invalid 'after': there is nothing with id '${after}'.`);
  const data = items.slice(place + 1, place + 1 + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: place + 1 + limit < items.length,
  };
}
