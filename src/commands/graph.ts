import { loadConfig } from '../config/load.ts';
import { EXIT, ExitError } from '../errors.ts';
import { cypherOf } from '../graph/cypher.ts';
import { dotOf } from '../graph/dot.ts';
import { type Graph, graphOf } from '../graph/graph.ts';
import { graphmlOf } from '../graph/graphml.ts';
import { jsonOf } from '../graph/json.ts';
import { mermaidOf } from '../graph/mermaid.ts';
import { around, nodesNamed, ofKinds } from '../graph/part.ts';
import { KINDS } from '../inventory/kinds.ts';
import { openStorage } from '../storage/sqlite.ts';
import { closest } from '../suggest.ts';
import { wrapped } from '../wrapped.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

const FORMATS: Readonly<Record<string, (graph: Graph) => string>> = {
  json: jsonOf,
  dot: dotOf,
  mermaid: mermaidOf,
  cypher: cypherOf,
  graphml: graphmlOf,
};

/** What only joins two things is drawn as its edges. */
const NODE_KINDS = ['organization', ...new Set(KINDS.filter(({ form }) => form === 'node').map(({ name }) => name))];

const HELP = `Usage: openai-audit-collector graph [--config FILE] [--format F] [--kind K...] [--around ID [--depth N]]

Writes the inventory as the backend has it: what exists, who owns it, who may use it. It is read from the state, beside a
running collector too, and nothing is asked of the network.

  --config FILE        the configuration of the collector
  --organization NAME  needed where there are several
  --format F           ${Object.keys(FORMATS).join(', ')}; by default json
  --kind K             only things of this kind, and the edges between them; may be given several times
  --around ID          only what is near the thing with this id; may be given several times
  --depth N            how near: at most so many edges away; by default 2. No way leads through the organization

Kinds:
${wrapped(NODE_KINDS.join(', '), 100)
  .map(line => `  ${line}`)
  .join('\n')}
`;

/** Writes the last acknowledged inventory as a graph. */
export async function graph(argv: readonly string[], { stdout, env }: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: {
      config: { type: 'string' },
      organization: { type: 'string' },
      format: { type: 'string', default: 'json' },
      kind: { type: 'string', multiple: true, default: [] },
      around: { type: 'string', multiple: true, default: [] },
      depth: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    stdout.write(HELP);
    return EXIT.ok;
  }
  const format = FORMATS[oneOf('--format', values.format, Object.keys(FORMATS))] ?? jsonOf;
  const kinds = values.kind.map(kind => oneOf('--kind', kind, NODE_KINDS));
  const depth = wholeNumber('--depth', values.depth ?? '2');
  if (values.depth !== undefined && values.around.length === 0) {
    throw new ExitError(EXIT.usage, '--depth says how near to --around, which is not given.');
  }
  const { config } = await loadConfig({ path: values.config, env });
  const names = config.organizations.map(({ name }) => name);
  const whole = await read(config.storage.path, chosen(values.organization, names));
  const near = values.around.length === 0 ? whole : around(whole, centresOf(whole, values.around), depth);
  stdout.write(format(kinds.length === 0 ? near : ofKinds(near, new Set(kinds))));
  return EXIT.ok;
}

function oneOf(option: string, word: string, known: readonly string[]): string {
  if (known.includes(word)) return word;
  const meant = closest(word, known);
  const advice = meant === undefined ? `is none of ${known.join(', ')}` : `is not known. Did you mean ${meant}?`;
  throw new ExitError(EXIT.usage, `${option}: ${JSON.stringify(word)} ${advice}`);
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ExitError(EXIT.usage, `${option}: ${JSON.stringify(text)} is not a whole number such as 2`);
}

function chosen(name: string | undefined, names: readonly string[]): string {
  if (name !== undefined) return oneOf('--organization', name, names);
  const [only = '', ...others] = names;
  if (others.length === 0) return only;
  throw new ExitError(EXIT.usage, `--organization is needed, as there are several: ${names.join(', ')}`);
}

async function read(path: string, organization: string): Promise<Graph> {
  const storage = await openStorage(path, { readOnly: true });
  try {
    const items = await storage.inventory(organization);
    if (items.length > 0) return graphOf(organization, items);
  } finally {
    await storage.close();
  }
  throw new ExitError(
    EXIT.failed,
    `No inventory of ${organization} is known yet. \`run\` reads it, unless inventory.enabled is false, and it is known as ` +
      'soon as the backend has acknowledged it.',
  );
}

function centresOf(whole: Graph, ids: readonly string[]) {
  return ids.flatMap(id => {
    const found = nodesNamed(whole, id);
    if (found.length > 0) return found;
    const meant = closest(
      id,
      whole.nodes.map(node => node.id),
      Math.min(3, Math.floor(id.length / 3)),
    );
    const advice = meant === undefined ? '' : ` Did you mean ${meant}?`;
    throw new ExitError(EXIT.usage, `--around: nothing has the id ${JSON.stringify(id)}.${advice}`);
  });
}
