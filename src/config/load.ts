import { readFile as readFileFromDisk } from 'node:fs/promises';
import { ExitError } from '../errors.ts';
import { closest } from '../suggest.ts';
import { configOf } from './assemble.ts';
import { checkExporter, checkOrganizations, checkPorts, checkRecords } from './checks.ts';
import type { Config } from './config.ts';
import { type Document, EMPTY_DOCUMENT, readDocument, type Tree } from './document.ts';
import { type Environment, fillFromVariables, isSet, pairsFromVariable } from './environment.ts';
import { undocumented } from './known-event-type.ts';
import { describeProblems } from './problem.ts';
import { redact } from './redact.ts';
import { Reporter } from './reporter.ts';
import { resolvedYaml } from './resolved.ts';
import { organizationSchema, schema } from './schema.ts';
import { type Raw, type RawOrganization, type Report, select } from './select.ts';
import { readFailure } from './substitute.ts';
import { validate } from './validate.ts';

export interface LoadOptions {
  /** The YAML file; without it the standard variables must say enough. */
  readonly path?: string | undefined;
  readonly env: Environment;
  /** Text of a file; rejects when it cannot be read. */
  readonly readFile?: (path: string) => Promise<string>;
}

export interface LoadedConfig {
  readonly config: Config;
  /** What is not wrong but worth a line in the log. */
  readonly warnings: readonly string[];
  /** The same for a person, as YAML without secrets. */
  resolved(): string;
  /** Texts of the files that the configuration names: those of references and certificates. */
  readonly files: ReadonlyMap<string, string>;
  /** The same YAML with its files read again. Rejects as `loadConfig`. */
  reload(): Promise<LoadedConfig>;
}

/** The configuration, frozen. Throws an ExitError that lists all problems at once and holds no secret. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { path, env, readFile: readAny = (file: string) => readFileFromDisk(file, 'utf8') } = options;
  const yaml = path === undefined ? undefined : await readConfigFile(path, readAny);
  return loadText(yaml, { path, env, readFile: readAny });
}

async function loadText(yaml: string | undefined, options: Required<LoadOptions>): Promise<LoadedConfig> {
  const { path, env } = options;
  const files = new Map<string, string>();
  const readFile = async (file: string) => {
    const text = await options.readFile(file);
    files.set(file, text);
    return text;
  };
  const document = yaml === undefined ? EMPTY_DOCUMENT : await readDocument(yaml, { env, readFile });
  const origins = new Map<string, string>();
  const warnings: string[] = [];
  const reporter = new Reporter(document, origins);
  const context: Context = { document, env, origins, report: reporter.report, warn: message => warnings.push(message) };

  const organizations = selectOrganizations(context, path !== undefined);
  const raw = select(schema, document.root, '', reporter.report, ['organizations']);
  fillFromVariables(schema, raw, '', env, origins, reporter.report);
  addResourceAttributes(raw, context);
  const valid = organizations.map(each => validate(organizationSchema, each.raw, each.path, reporter.report));
  const rest = validate(schema, raw, '', reporter.report);
  checkOrganizations(organizations, reporter.report, context.warn);
  checkRecords(raw, reporter.report);
  await checkExporter(raw, readFile, reporter.report);
  if (rest !== undefined) checkPorts(rest.health.endpoint, rest.telemetry.metrics.prometheus, reporter.report);

  const hide = (text: string) => redact(text, [organizations, raw], env);
  if (reporter.problems.length === 0 && rest !== undefined) {
    warnings.push(
      ...organizations.flatMap(({ path: key }, i) =>
        undocumented(`${key}.audit_logs.exclude_types`, valid[i]?.audit_logs.exclude_types ?? []),
      ),
      ...undocumented('records.severity', Object.keys(rest.records.severity)),
    );
    return {
      config: configOf(
        valid.filter(each => each !== undefined),
        rest,
      ),
      warnings,
      files,
      reload: () => loadText(yaml, options),
      resolved: () =>
        hide(
          resolvedYaml(
            organizations.map(each => each.raw),
            raw,
          ),
        ),
    };
  }
  throw new ExitError('config-invalid', hide(describeProblems(path ?? 'The environment', reporter.problems)));
}

interface Context {
  readonly document: Document;
  readonly env: Environment;
  readonly origins: Map<string, string>;
  readonly report: Report;
  readonly warn: (message: string) => void;
}

async function readConfigFile(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ExitError(
      'config-unreadable',
      `The configuration file ${path} cannot be read: ${readFailure(error)}.`,
      error,
    );
  }
}

function selectOrganizations(context: Context, hasFile: boolean): readonly RawOrganization[] {
  const { env, origins, report } = context;
  return listedOrganizations(context, hasFile).flatMap((tree, index) => {
    const path = `organizations[${index}]`;
    if (!(tree instanceof Map)) {
      report(path, { at: '', message: 'must be a map with admin_key, name, audit_logs, ...' });
      return [];
    }
    const raw = select(organizationSchema, tree, path, report);
    fillFromVariables(organizationSchema, raw, path, env, origins, report);
    return [{ path, raw }];
  });
}

/** Without any in the file, OPENAI_ADMIN_KEY makes one of that name `default`. */
function listedOrganizations({ document, env, report }: Context, hasFile: boolean): readonly Tree[] {
  const listed = document.root.get('organizations');
  if (Array.isArray(listed) && listed.length > 0) return listed;
  if (listed !== undefined) {
    report('organizations', {
      at: '',
      message: 'must be a list with at least one organization: `[{ admin_key: ... }]`',
    });
  } else if (isSet(env, 'OPENAI_ADMIN_KEY')) {
    return [new Map()];
  } else if (document.problems.length === 0 && !isMisspelt(document)) {
    const ways = hasFile ? 'list one under `organizations:`' : 'name a configuration file with --config FILE';
    report('', { at: '', message: `no organization to read; ${ways}, or set OPENAI_ADMIN_KEY` });
  }
  return [];
}

/** The key is reported as unknown; that there is none of its right name is no further news. */
function isMisspelt({ root }: Document): boolean {
  return [...root.keys()].some(name => closest(name, ['organizations']) !== undefined);
}

type Pair = readonly [string, unknown];

function addResourceAttributes(raw: Raw, { env, warn }: Context): void {
  const resource = (raw.resource ?? {}) as Raw;
  const own = (resource.attributes ?? []) as readonly Pair[];
  const added = pairsFromVariable(schema.entries.resource.entries.attributes, env, own, warn);
  if (added.length > 0) raw.resource = { ...resource, attributes: [...added, ...own] };
}
