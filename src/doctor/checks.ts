import type { Config } from '../config/config.ts';
import { FAMILIES } from '../inventory/families.ts';
import { type Api, checkAnswers, checkClock, openApi } from './api.ts';
import { checkAuditLogging, checkStream } from './audit-log.ts';
import {
  checkAcknowledged,
  checkBackendTls,
  checkCredentials,
  checkOld,
  checkPath,
  checkSettings,
  openBackend,
} from './backend.ts';
import { type Check, type Result, skipped } from './check.ts';
import { checkFamily } from './inventory.ts';
import { checkAuditScope, checkKeyForm, checkKeyTaken, checkManagementScope } from './key.ts';
import { checkLimitsLearned, checkLimitsNow } from './limits.ts';
import {
  checkAge,
  checkLabels,
  checkLineSize,
  checkLoki,
  checkMessageSize,
  checkMetadata,
  checkOrder,
  checkRate,
  checkRetention,
  checkSchema,
  checkVisibility,
  type Loki,
  openLoki,
  type Wanted,
} from './loki.ts';
import { checkDatabases, checkNode, checkPorts, checkWarnings } from './machine.ts';
import { checkApiName, checkConnection, checkName, checkTls } from './network.ts';
import {
  checkDirectory,
  checkDisk,
  checkHolder,
  checkNames,
  checkParked,
  checkPrivacy,
  checkStateFile,
} from './state.ts';
import type { World } from './world.ts';

/** Everything that is looked at, in the order in which a person reads it. */
export interface Examination {
  readonly checks: readonly Check[];
  /** How many requests the APIs got. */
  readonly requests: () => number;
}

type Row = Omit<Check, 'group'>;

export function checksOf(config: Config, warnings: readonly string[], world: World, signal: AbortSignal): Examination {
  const apis = config.organizations.map(organization => openApi(organization, world, signal));
  const rows = [
    ...inGroup('Machine', [...machineRows(warnings, world), ...configuredRows(config, world)]),
    ...inGroup('State', stateRows(config, world)),
    ...apis.flatMap(api => organizationChecks(api, config, world)),
    ...backendChecks(config, world, signal),
  ];
  return { checks: rows, requests: () => apis.reduce((sum, api) => sum + api.requests().sent, 0) };
}

export function machineRows(warnings: readonly string[], { nodeVersion }: World): readonly Row[] {
  return [
    { id: 'node', claim: 'Node.js is supported', run: () => checkNode(nodeVersion) },
    { id: 'configuration', claim: 'the configuration is valid', run: () => checkWarnings(warnings) },
  ];
}

/** Of the machine, what the configuration wants to have. */
function configuredRows(config: Config, world: World): readonly Row[] {
  const databases = {
    id: 'geoip',
    claim: 'the databases of addresses can be used',
    run: () => checkDatabases(config, world),
  };
  const needs = ['state-directory'];
  const ports = { id: 'ports', claim: 'its ports are free', needs, run: () => checkPorts(config, world) };
  return config.enrichment.geoip.databases.length === 0 ? [ports] : [databases, ports];
}

function stateRows({ storage: { path }, organizations }: Config, { freeBytes }: World): readonly Row[] {
  const names = organizations.map(({ name }) => name);
  const needs = ['state-directory'];
  const sound = ['state-file'];
  return [
    { id: 'state-directory', claim: 'its directory can be written', run: () => checkDirectory(path) },
    { id: 'disk', claim: 'the disk has room', needs, run: () => checkDisk(path, freeBytes) },
    { id: 'state-file', claim: 'the state file is sound', needs, run: () => checkStateFile(path) },
    { id: 'state-private', claim: 'nobody else may read it', needs, run: () => checkPrivacy(path) },
    { id: 'state-holder', claim: 'its lock can be used', needs, run: () => checkHolder(path) },
    { id: 'state-names', claim: 'it knows the organizations', needs: sound, run: () => checkNames(path, names) },
    { id: 'parked', claim: 'no record was refused for good', needs: sound, run: () => checkParked(path) },
  ];
}

function organizationChecks(api: Api, config: Config, world: World): readonly Check[] {
  const { name } = api.organization;
  const own = (id: string) => `${name}/${id}`;
  const named = (rows: readonly Row[]) =>
    rows.map(row => ({
      ...row,
      id: own(row.id),
      ...(row.needs === undefined ? {} : { needs: row.needs.map(own) }),
      ...(row.after === undefined ? {} : { after: row.after.map(own) }),
    }));
  return [
    ...inGroup(`API (${name})`, named(apiRows(api, world))),
    ...inGroup(`Key (${name})`, named(keyRows(api))),
    ...inGroup(`Audit log (${name})`, named(auditLogRows(api, world))),
    ...inGroup(`Inventory (${name})`, named(inventoryRows(api))),
    ...inGroup(`Request limits (${name})`, named(limitRows(api, config, world))),
  ];
}

function apiRows(api: Api, { lookup }: World): readonly Row[] {
  const url = new URL(api.organization.baseUrl);
  const needs = ['api-tls', 'key-form'];
  return [
    { id: 'api-name', claim: 'its name resolves', run: () => checkApiName(url, lookup, api.organization) },
    {
      id: 'api-connection',
      claim: 'it can be reached',
      needs: ['api-name'],
      run: signal => checkConnection('api', url, signal),
    },
    {
      id: 'api-tls',
      claim: 'its certificate is trusted',
      needs: ['api-connection'],
      run: signal => checkTls('api', url, {}, signal),
    },
    { id: 'api-answers', claim: 'it answers as the Admin API', needs, run: () => checkAnswers(api) },
    { id: 'clock', claim: "this machine's clock agrees", needs: ['api-answers'], run: () => checkClock(api) },
  ];
}

function keyRows(api: Api): readonly Row[] {
  const { auditLogs, inventory, adminKey } = api.organization;
  const needs = ['key'];
  return [
    { id: 'key-form', claim: 'the key is one for administration', run: () => checkKeyForm(adminKey) },
    { id: 'key', claim: 'the API takes the key', needs: ['api-answers'], run: () => checkKeyTaken(api) },
    {
      id: 'scope-audit-logs',
      claim: 'it may read audit logs',
      needs,
      run: () => when(auditLogs.enabled, 'audit_logs.enabled is false', () => checkAuditScope(api)),
    },
    {
      id: 'scope-management',
      claim: 'it may read the inventory',
      needs,
      run: () => when(inventory.enabled, 'inventory.enabled is false', () => checkManagementScope(api)),
    },
  ];
}

function auditLogRows(api: Api, { clock }: World): readonly Row[] {
  const { streams } = api.organization.auditLogs;
  const needs = ['scope-audit-logs'];
  const rows = (['organization', 'tenant'] as const).map(stream => ({
    id: `stream-${stream}`,
    claim: `the ${stream} stream can be read`,
    needs,
    run: () =>
      when(streams.includes(stream), 'audit_logs.streams leaves it out', () => checkStream(api, stream, clock)),
  }));
  return [
    ...rows,
    { id: 'audit-logging', claim: 'audit logging is switched on', needs, run: () => checkAuditLogging(api) },
  ];
}

function inventoryRows(api: Api): readonly Row[] {
  return FAMILIES.map(family => ({
    id: `family-${family}`,
    claim: `${family.replaceAll('_', ' ')} can be read`,
    needs: ['scope-management'],
    run: () => checkFamily(api, family),
  }));
}

function limitRows(api: Api, { storage }: Config, { clock }: World): readonly Row[] {
  const after = ['stream-organization', 'stream-tenant', ...FAMILIES.map(family => `family-${family}`)];
  return [
    {
      id: 'limits-now',
      claim: 'it takes the requests of this examination',
      needs: ['api-answers'],
      after,
      run: () => checkLimitsNow(api),
    },
    {
      id: 'limits-learned',
      claim: 'what was learned of its limits',
      run: () => checkLimitsLearned(api, storage.path, clock),
    },
  ];
}

function backendChecks(config: Config, world: World, signal: AbortSignal): readonly Check[] {
  const wanted = wantedOf(config, world.clock.nowMs());
  const backend = openBackend(config, wanted.oldestMs, world, signal);
  const { url } = backend;
  const loki = openLoki(config, world, signal);
  const ask = (check: (loki: Loki, wanted: Wanted) => Result) => async () => {
    const told = await loki();
    return told === undefined ? checkLoki(told) : check(told, wanted);
  };
  const needs = ['loki'];
  return [
    ...inGroup('Backend', [
      { id: 'backend-settings', claim: 'its headers and files can be used', run: () => checkSettings(config, world) },
      {
        id: 'backend-name',
        claim: 'its name resolves',
        needs: ['backend-settings'],
        run: () => checkName('backend', url, world.lookup),
      },
      {
        id: 'backend-connection',
        claim: 'it can be reached',
        needs: ['backend-name'],
        run: signal => checkConnection('backend', url, signal),
      },
      {
        id: 'backend-tls',
        claim: 'TLS is as configured',
        needs: ['backend-connection'],
        run: signal => checkBackendTls(config, backend, signal),
      },
      {
        id: 'backend-path',
        claim: 'it takes OTLP at this path',
        needs: ['backend-tls'],
        run: () => checkPath(backend),
      },
      {
        id: 'backend-credentials',
        claim: 'it takes the credentials',
        needs: ['backend-path'],
        run: () => checkCredentials(backend),
      },
      {
        id: 'backend-record',
        claim: 'it acknowledges a record',
        needs: ['backend-credentials'],
        run: () => checkAcknowledged(backend),
      },
      {
        id: 'backend-old',
        claim: 'it takes records as old as start_from',
        needs: ['backend-record'],
        run: () => checkOld(backend),
      },
    ]),
    ...inGroup('Loki', [
      {
        id: 'loki',
        claim: 'it tells its limits',
        needs: ['backend-connection'],
        run: async () => checkLoki(await loki()),
      },
      { id: 'loki-age', claim: 'events are young enough', needs, run: ask(checkAge) },
      { id: 'loki-order', claim: 'late events may come late', needs, run: ask(checkOrder) },
      { id: 'loki-schema', claim: 'its schema is old enough', needs, run: ask(checkSchema) },
      { id: 'loki-message-size', claim: 'a batch fits its messages', needs, run: ask(checkMessageSize) },
      { id: 'loki-rate', claim: 'a batch fits its rate', needs, run: ask(checkRate) },
      { id: 'loki-line-size', claim: 'an event fits a line', needs, run: ask(checkLineSize) },
      { id: 'loki-metadata', claim: 'attributes fit its metadata', needs, run: ask(checkMetadata) },
      { id: 'loki-labels', claim: 'the resource fits its labels', needs, run: ask(checkLabels) },
      { id: 'loki-retention', claim: 'it keeps what is filled', needs, run: ask(checkRetention) },
      { id: 'loki-visibility', claim: 'old events are seen at once', needs, run: ask(checkVisibility) },
    ]),
  ];
}

export function inGroup(group: string, rows: readonly Row[]): readonly Check[] {
  return rows.map(row => ({ group, ...row }));
}

function when(isSo: boolean, otherwise: string, check: () => Promise<Result>): Promise<Result> | Result {
  return isSo ? check() : skipped(otherwise);
}

function wantedOf({ organizations, exporter }: Config, nowMs: number): Wanted {
  const collected = organizations.filter(({ auditLogs }) => auditLogs.enabled).map(({ auditLogs }) => auditLogs);
  const starts = collected.map(({ startFrom }) => (startFrom.kind === 'ago' ? nowMs - startFrom.ms : startFrom.atMs));
  return {
    nowMs,
    oldestMs: Math.min(nowMs, ...starts),
    longestReverifyMs: Math.max(0, ...collected.flatMap(({ reverify }) => reverify.map(({ lastMs }) => lastMs))),
    maxBytes: exporter.batch.maxBytes,
  };
}
