import { expect, it, test } from 'vitest';
import { type Graph, graphOf } from '../../src/graph/graph.ts';
import { around, nodesNamed, ofKinds } from '../../src/graph/part.ts';
import { THINGS } from './things.ts';

const whole = graphOf('acme', THINGS);
const keys = ({ nodes }: Graph) => nodes.map(({ key }) => key);
const edges = (graph: Graph) => graph.edges.map(({ from, type, to }) => `${from} ${type} ${to}`);
const near = (id: string, depth: number) => keys(around(whole, nodesNamed(whole, id), depth));

it('has things as nodes and what joins two as edges, in one order however they were read', () => {
  expect(keys(whole)).toEqual([
    'api_key key_1',
    'api_key key_2',
    'organization org-1',
    'project proj_1',
    'rate_limit proj_1/rl-o3',
    'user user-1',
    'user user-2',
    'user user-3',
    'user user-gone',
  ]);
  expect(edges(whole)).toContain('user user-1 admin_of project proj_1');
  expect(edges(whole)).toHaveLength(14);
  expect(graphOf('acme', THINGS.toReversed())).toEqual(whole);
});

it('knows what is only pointed to', () => {
  expect(whole.nodes.filter(({ seen }) => seen === undefined).map(({ key }) => key)).toEqual(['user user-gone']);
});

it('can be reduced to kinds, and the edges between them', () => {
  const part = ofKinds(whole, new Set(['user', 'project']));
  expect(keys(part)).toEqual(['project proj_1', 'user user-1', 'user user-2', 'user user-3', 'user user-gone']);
  expect(edges(part).every(edge => /^user .* (member|admin)_of project/.test(edge))).toBe(true);
});

test.each([
  ['user-3', 0, ['user user-3']],
  ['user-3', 9, ['organization org-1', 'user user-3']],
  ['user-1', 1, ['api_key key_2', 'organization org-1', 'project proj_1', 'user user-1']],
  ['user-gone', 2, ['api_key key_1', 'project proj_1', 'user user-gone']],
  ['rl-o3', 1, ['project proj_1', 'rate_limit proj_1/rl-o3']],
  ['org-1', 1, ['organization org-1', 'project proj_1', 'user user-1', 'user user-2', 'user user-3']],
] as const)('around %s, %s deep, are its neighbours, and none by way of the organization', (id, depth, expected) => {
  expect(near(id, depth)).toEqual(expected);
});

it('finds an id, or its last part, and nothing that only looks like it', () => {
  const found = (id: string) => nodesNamed(whole, id).map(({ key }) => key);
  expect([found('proj_1/rl-o3'), found('rl-o3'), found('o3'), found('user-')]).toEqual([
    ['rate_limit proj_1/rl-o3'],
    ['rate_limit proj_1/rl-o3'],
    [],
    [],
  ]);
});
