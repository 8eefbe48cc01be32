import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../../src/emulator/catalogue.ts';
import { INVENTORY_ROUTES } from '../../src/emulator/inventory/routes.ts';
import { KINDS } from '../../src/inventory/kinds.ts';

const CLIENT = 'node_modules/openai/resources/admin/organization';
/** Acts on what it is given, or tells of events and money rather than of what there is. */
const NO_INVENTORY = /\/(activate|deactivate|audit_logs)$|\/(usage|costs)(\/|$)/;

/** Every list, and every setting, that the official client reads, with empty placeholders. */
function routesOfClient(): readonly string[] {
  const sources = globSync(join(CLIENT, '**/*.mjs')).map(file => readFileSync(file, 'utf8'));
  const calls = sources.flatMap(text => [...text.matchAll(/(getAPIList|\.get)\((?:path )?[`'](\/[^`']+)[`']/g)]);
  return calls
    .map(([, method, path = '']) => ({ method, path: path.replace(/\$\{\w+\}/g, '{}') }))
    .filter(({ method, path }) => !NO_INVENTORY.test(path) && (method === 'getAPIList' || !path.endsWith('{}')))
    .map(({ path }) => path);
}

const emptied = (route: string) => route.replace(/\{\w+\}/g, '{}');

test('a row reads each list and setting that the official client knows, and no other', () => {
  const routes = KINDS.map(({ route }) => emptied(route));
  expect(routes).toHaveLength(32);
  expect(routes.toSorted()).toEqual([...routesOfClient()].toSorted());
});

test('the emulator has the route of each row', () => {
  const emulated = new Set(INVENTORY_ROUTES.map(({ template }) => template));
  expect(KINDS.map(({ route }) => route).filter(route => !emulated.has(route))).toEqual([]);
});

test('the placeholders of a route are parts of what the list is read for', () => {
  for (const { route, parent } of KINDS) {
    const known = KINDS.filter(({ name }) => name === parent).flatMap(({ id }) => Object.keys(id));
    for (const [, name = ''] of route.matchAll(/\{(\w+)_id\}/g))
      expect([route, known]).toEqual([route, expect.arrayContaining([`${name}.id`])]);
  }
});

test('a parent is one kind of things or links, told by one list', () => {
  const parents = new Set(KINDS.map(({ parent }) => parent));
  for (const parent of parents) {
    if (parent !== 'organization') expect(KINDS.filter(({ name }) => name === parent)).toHaveLength(1);
  }
});

test('a relation points to things of the table, by all parts of their ids', () => {
  for (const { name, relations } of KINDS) {
    for (const { from, to } of relations) {
      for (const end of [from, to]) {
        if (end === undefined || end.kind === 'organization') continue;
        const target = KINDS.find(kind => kind.name === end.kind);
        expect([name, end, target?.form]).toEqual([name, end, 'node']);
        expect(end.by).toHaveLength(Object.keys(target?.id ?? {}).length);
      }
    }
  }
});

test('a thing belongs to one other thing, a link only joins', () => {
  for (const { name, form, relations } of KINDS) {
    const owners = relations.filter(({ type, to }) => type === 'resource' && to === undefined);
    expect([name, owners.length]).toEqual([name, form === 'node' ? 1 : 0]);
  }
});

test('the rows of one kind differ only in where they are read', () => {
  for (const one of KINDS) {
    for (const other of KINDS.filter(({ name }) => name === one.name)) {
      expect([other.form, other.family, other.label, other.fields]).toEqual([
        one.form,
        one.family,
        one.label,
        one.fields,
      ]);
    }
  }
});

test('the audit events that a row names are types of the API', () => {
  for (const { name, events } of KINDS) {
    expect([name, events.filter(type => !EVENT_TYPES.includes(type))]).toEqual([name, []]);
    expect([name, events.length > 0]).toEqual([name, true]);
  }
});

test('every audit event that changes what is collected is named by a row', () => {
  const named = new Set(KINDS.flatMap(({ events }) => events));
  // What no list shows: sign-ins, IP allowlists, tunnels, checkpoints, and what belongs to ChatGPT or a tenant.
  const unlisted = /^(login|logout|ip_allowlist|tunnel|checkpoint|resource|tenant)\.|^role\.(un)?bound/;
  expect(EVENT_TYPES.filter(type => !unlisted.test(type) && !named.has(type))).toEqual([]);
});
