import { SUMMARY } from './processor.ts';

/** Names of the attributes of a record. What OpenTelemetry's semantic conventions name keeps that name. */
export const ATTRIBUTE = {
  uid: 'log.record.uid',
  original: 'log.record.original',
  eventName: 'event.name',

  actorType: 'actor.type',
  actorId: 'actor.id',
  actorIp: 'actor.ip',
  actorApiKeyId: 'actor.api_key.id',
  actorApiKeyType: 'actor.api_key.type',
  actorApiKeyName: 'actor.api_key.name',
  actorServiceAccountId: 'actor.service_account.id',
  actorServiceAccountName: 'actor.service_account.name',
  actorJa4: 'openai.audit.actor.ja4',
  userId: 'user.id',
  userEmail: 'user.email',
  userFullName: 'user.full_name',
  projectId: 'project.id',
  projectName: 'project.name',

  clientAddress: 'client.address',
  clientAsNumber: 'client.as.number',
  userAgent: 'user_agent.original',
  ja3: 'tls.client.ja3',
  country: 'geo.country.iso_code',
  region: 'geo.region.iso_code',
  city: 'geo.locality.name',
  latitude: 'geo.location.lat',
  longitude: 'geo.location.lon',
  clientAsOrganization: 'client.as.organization',
  clientIsp: 'openai.audit.client.isp',
  /** As the database names it: `Cable/DSL`, `Corporate`. */
  clientConnectionType: 'openai.audit.client.connection_type',
  /** As the database names it: `business`, `residential`. */
  clientUserType: 'openai.audit.client.user_type',
  clientIsAnonymous: 'openai.audit.client.is_anonymous',
  /** Any of `vpn`, `tor`, `public_proxy`, `residential_proxy`, `hosting`. */
  clientAnonymity: 'openai.audit.client.anonymity',

  type: 'openai.audit.type',
  category: 'openai.audit.category',
  action: 'openai.audit.action',
  outcome: 'openai.audit.outcome',
  /** `true` when the action changed nothing. */
  readOnly: 'openai.audit.read_only',
  stream: 'openai.audit.stream',
  delivery: 'openai.audit.delivery',
  /** Whole seconds from the event's time to its first observation. */
  lateBy: 'openai.audit.late_by',
  /** `true` when the event has no time of its own and carries its neighbour's. */
  timeEstimated: 'openai.audit.time_estimated',
  targetType: 'openai.audit.target.type',
  /** Several are joined with commas. */
  targetId: 'openai.audit.target.id',
  targetName: 'openai.audit.target.name',
  /** Everything touched, the target first: `api_key/key_abc`. */
  resources: 'openai.audit.resources',
  summary: SUMMARY,
  /** Prefix of the flattened payload. */
  details: 'openai.audit.details',
  /** `true` when the limits of a record left something out of its attributes. */
  truncated: 'openai.audit.truncated',
} as const;

/** Names of the resource's attributes. */
export const RESOURCE = {
  serviceName: 'service.name',
  serviceNamespace: 'service.namespace',
  serviceInstanceId: 'service.instance.id',
  organizationId: 'organization.id',
  organizationName: 'organization.name',
} as const;
