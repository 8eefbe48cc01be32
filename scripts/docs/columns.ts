/** What fills a column of the common normalised schema of audit sources: an attribute or another field of the record. */
export type Filling =
  | { readonly attribute: string }
  | { readonly resource: string }
  | { readonly field: 'Timestamp' | 'ObservedTimestamp' | 'EventName' | 'Body' | 'Body.actor' | 'Resource' }
  | { readonly empty: string };

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly filling: Filling;
}

const NO_DESTINATION = 'an audit event has no destination: what is acted upon is at OpenAI';

function column(name: string, type: string, filling: Filling | string): Column {
  return { name, type, filling: typeof filling === 'string' ? { attribute: filling } : filling };
}

/** In the order of that schema. */
export const COLUMNS: readonly Column[] = [
  column('workspaceID', 'String', { resource: 'organization.id' }),
  column('sourceID', 'String', { resource: 'service.instance.id' }),
  column('sourceType', 'String', { resource: 'service.name' }),
  column('sourceTTL', 'UInt32', { empty: 'how long records stay is the decision of the store that keeps them' }),
  column('receivedAt', 'DateTime', { field: 'ObservedTimestamp' }),
  column('id', 'String', 'log.record.uid'),
  column('eventTime', 'DateTime', { field: 'Timestamp' }),
  column('eventName', 'String', { field: 'EventName' }),
  column('eventID', 'String', 'log.record.uid'),
  column('srcIP', 'String', 'client.address'),
  column('srcASCountryCode', 'String', 'geo.country.iso_code'),
  column('srcASNumber', 'UInt32', 'client.as.number'),
  column('srcASOrganization', 'String', 'client.as.organization'),
  column('srcCity', 'String', 'geo.locality.name'),
  column('srcConnectionType', 'String', 'openai.audit.client.connection_type'),
  column('srcISP', 'String', 'openai.audit.client.isp'),
  column('srcLatitude', 'Float64', 'geo.location.lat'),
  column('srcLongitude', 'Float64', 'geo.location.lon'),
  column('srcUserType', 'String', 'openai.audit.client.user_type'),
  column('dstIP', 'String', { empty: NO_DESTINATION }),
  column('dstASCountryCode', 'String', { empty: NO_DESTINATION }),
  column('dstASNumber', 'UInt32', { empty: NO_DESTINATION }),
  column('dstASOrganization', 'String', { empty: NO_DESTINATION }),
  column('dstCity', 'String', { empty: NO_DESTINATION }),
  column('dstConnectionType', 'String', { empty: NO_DESTINATION }),
  column('dstISP', 'String', { empty: NO_DESTINATION }),
  column('dstLatitude', 'Float64', { empty: NO_DESTINATION }),
  column('dstLongitude', 'Float64', { empty: NO_DESTINATION }),
  column('dstUserType', 'String', { empty: NO_DESTINATION }),
  column('actor', 'Map(String, String)', { field: 'Body.actor' }),
  column('tags', 'Map(String, String)', { field: 'Resource' }),
  column('resources', 'Array(String)', 'openai.audit.resources'),
  column('serviceName', 'String', { resource: 'service.namespace' }),
  column(
    'enrichments',
    'Array(Tuple(data Map(String, String), name String, provider String, type String, value String))',
    { empty: 'what a database adds stands in the columns that begin with src, and nothing else is looked up' },
  ),
  column('readOnly', 'Bool', 'openai.audit.read_only'),
  column('rawLog', 'String', { field: 'Body' }),
  column('eventType', 'String', 'openai.audit.type'),
  column('actorType', 'String', 'actor.type'),
  column('actorIP', 'String', 'actor.ip'),
  column('actorUserID', 'String', 'user.id'),
  column('actorUserEmail', 'String', 'user.email'),
  column('apiKeyID', 'String', 'actor.api_key.id'),
  column('apiKeyType', 'String', 'actor.api_key.type'),
  column('serviceAccountID', 'String', 'actor.service_account.id'),
  column('projectID', 'String', 'project.id'),
  column('projectName', 'String', 'project.name'),
];
