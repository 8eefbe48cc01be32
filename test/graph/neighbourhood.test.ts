import { expect, it } from 'vitest';
import type { Graph, GraphNode } from '../../src/graph/graph.ts';
import { neighbourhood } from '../../src/graph/neighbourhood.ts';

const node = (kind: string, id: string, name?: string): GraphNode => ({
  key: `${kind} ${id}`,
  kind,
  id,
  name,
  seen: undefined,
});
const [ada, bob, keyOne, keyTwo, project] = [
  node('user', 'ada'),
  node('user', 'bob'),
  node('api_key', '1', 'zeta'),
  node('api_key', '2', 'Alpha'),
  node('project', 'p'),
];
const edge = (from: GraphNode, type: Graph['edges'][number]['type'], to: GraphNode) => {
  return { from: from.key, type, to: to.key, lastMs: 0 };
};
const graph: Graph = {
  organization: 'acme',
  nodes: [keyOne, keyTwo, project, ada, bob],
  edges: [
    edge(ada, 'owns', keyOne),
    edge(keyOne, 'owned_by', ada),
    edge(ada, 'owns', keyTwo),
    edge(keyTwo, 'owned_by', ada),
    edge(ada, 'member_of', project),
    edge(bob, 'member_of', project),
    edge(ada, 'admin_of', project),
  ],
};

const shown = (centre: GraphNode) =>
  neighbourhood(graph, centre).map(({ isOut, type, kind, nodes }) => [isOut, type, kind, nodes.map(({ id }) => id)]);

it('is what is next to a thing, one group for each kind and way, by name; an owner is told once', () => {
  expect(shown(ada)).toEqual([
    [true, 'owns', 'api_key', ['2', '1']],
    [true, 'admin_of', 'project', ['p']],
    [true, 'member_of', 'project', ['p']],
  ]);
});

it('has both what points there and where that points to', () => {
  expect(shown(project)).toEqual([
    [false, 'admin_of', 'user', ['ada']],
    [false, 'member_of', 'user', ['ada', 'bob']],
  ]);
  expect(shown(bob)).toEqual([[true, 'member_of', 'project', ['p']]]);
});
