/** What can go wrong, as a person looks it up. */
export interface Problem {
  /** What is wrong, and why that is usually so. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  /** What a command ends with, where that is not 1. */
  readonly exit?: 2 | 10 | 11 | 12;
}

/**
 * Every error of the program by its code. A code is for ever: alert rules and runbooks name it. The documentation, `explain`
 * and the exit codes come from here.
 */
export const PROBLEMS = {
  // The command line and the configuration.
  usage: {
    cause: 'The command line cannot be understood.',
    remedy: 'Look at what `openai-audit-collector COMMAND --help` shows.',
    exit: 2,
  },
  'config-unreadable': {
    cause: 'The file that --config names cannot be read.',
    remedy: 'Name a file that exists and that this user may read.',
    exit: 2,
  },
  'config-invalid': {
    cause: 'The configuration holds values that are not accepted, or keys that do not exist.',
    remedy: 'Mend each key that the message names; `validate` tells when none is left.',
    exit: 2,
  },
  'config-warning': {
    cause: 'The configuration is valid, and something in it is probably not meant.',
    remedy: 'Look at the key that the message names.',
  },
  'reload-refused': {
    cause: 'A file that the configuration names, such as that of a key, was changed to what is not accepted.',
    remedy: 'Put a valid text there; it is looked at every 10 seconds, and taken without a restart.',
  },
  'organization-renamed': {
    cause:
      'The state knows other organizations than the configuration names: one was renamed, or the state is another one.',
    remedy: 'Put the old `name` back; for another organization, give it a `storage.path` of its own.',
    exit: 2,
  },
  'exporter-tls-unusable': {
    cause: 'A file of `exporter.tls` cannot be read, is no PEM, or the key is not that of the certificate.',
    remedy: 'Name PEM files that this user may read, the key without a passphrase.',
    exit: 2,
  },
  'exporter-header-invalid': {
    cause: 'A header of `exporter.headers` cannot be sent over HTTP.',
    remedy: 'Mend its name, or take line breaks out of its value; a file often ends in one.',
    exit: 2,
  },
  'geoip-unusable': {
    cause: 'A database of `enrichment.geoip.databases` cannot be read, or is not in MaxMind format.',
    remedy: 'Name a readable .mmdb file, or take it out of the list.',
    exit: 2,
  },
  'port-unusable': {
    cause: 'A port cannot be listened on, mostly because another process does.',
    remedy: 'Name another port, or stop what listens on this one.',
    exit: 2,
  },
  // The machine and the state.
  'node-unsupported': {
    cause: 'This Node.js is older than the program needs.',
    remedy: 'Run it with Node.js 24 or newer.',
  },
  'disk-low': {
    cause: 'The disk of the state file has little room left; on a full one nothing is delivered any more.',
    remedy: 'Free some space, or move the state (`storage.path`) to another disk while the collector is stopped.',
  },
  'state-path-unusable': {
    cause: 'The state file, its directory or its lock cannot be made or written.',
    remedy: 'Let `storage.path` be a file in a directory that exists and that this user may write, on a local disk.',
    exit: 2,
  },
  'state-missing': {
    cause: 'There is no state yet at `storage.path`, or it is of an older version.',
    remedy: '`run` makes it, or brings it up to date; else name the path that the collector uses.',
    exit: 2,
  },
  'state-foreign': {
    cause: '`storage.path` names the database of another program.',
    remedy: 'Name another file.',
    exit: 2,
  },
  'state-readable-by-others': {
    cause: 'Other users of this machine may read the state, which holds events.',
    remedy: 'chmod 600 the file; `run` does so when it owns it.',
    exit: 2,
  },
  'state-unopenable': {
    cause: 'The state file could not be opened, for a reason that may pass.',
    remedy: 'Try again; when it lasts, look at the disk and at who else uses the file.',
  },
  'state-damaged': {
    cause: 'The state file is damaged, or was changed by something else.',
    remedy:
      'Restore it from a backup, or move it away with its -wal and -shm and start again: everything since start_from is read and sent again, and `log.record.uid` tells repetitions.',
    exit: 10,
  },
  'state-newer': {
    cause: 'The state file was made by a newer version of this program.',
    remedy: 'Run that version again, or restore the backup from before the upgrade.',
    exit: 10,
  },
  'state-in-use': {
    cause: 'Another running collector holds the state.',
    remedy: 'Stop that one, or give this one a `storage.path` of its own.',
    exit: 11,
  },
  'collector-silent': {
    cause: 'The running collector has not carried out a request in time.',
    remedy: 'Its log says what it does; what was asked for goes on there.',
  },
  'records-parked': {
    cause: 'The backend refused records for good; they wait in the state.',
    remedy: 'Look at the reasons with `replay`, mend the backend, then send them again with `replay --all`.',
  },
  // The way to the API.
  'clock-off': {
    cause: "This machine's clock and that of the API differ.",
    remedy:
      'Set the clock by NTP. Coverage goes by the time of the API; what the collector says of itself, by this one.',
  },
  'api-no-date': {
    cause: 'The answers of the API have no Date. Coverage goes by it, so nothing would ever count as complete.',
    remedy: 'A gateway between takes it away: let it pass the header Date on.',
  },
  'api-name-unknown': {
    cause: 'The name of the API has no address here.',
    remedy: 'Check `base_url`, the network and its name service (DNS).',
  },
  'api-address-private': {
    cause:
      '`base_url` leads to an address of a private network, or of this machine without naming it. The admin key is not ' +
      'sent there unasked: a name server that lies would get it.',
    remedy:
      'Check `base_url` and the name service (DNS); for a gateway of your own write `allow_private_address: true`.',
  },
  'api-unreachable': {
    cause: 'No connection to the API stands.',
    remedy: 'Check `base_url`, the network, firewalls and proxies.',
  },
  'api-tls': {
    cause: 'The certificate of the API is not trusted here, or what answers there does not speak TLS.',
    remedy: "Check `base_url`; behind a proxy that opens TLS, name its CA's file in NODE_EXTRA_CA_CERTS.",
  },
  'api-path': {
    cause: 'What answers does not know the Admin API: `base_url` is another one, or redirects.',
    remedy: 'Set `base_url` to https://api.openai.com/v1, or to a gateway with its whole path.',
  },
  'api-failed': {
    cause: 'The API failed (5xx), or broke off.',
    remedy: 'It is tried again. When it lasts, look at https://status.openai.com.',
  },
  'api-malformed': {
    cause: 'An answer is not what the API documents: not JSON, cut off, or too large.',
    remedy:
      'When it lasts: does `base_url` name the API, and does nothing between rewrite answers (a gateway, a login page)? Else report it.',
  },
  'api-refused-request': {
    cause: 'The API refuses a request for what it asks.',
    remedy: 'Look at the words of the API; when `base_url` is right, report it.',
  },
  'api-slow-down': {
    cause: 'The API asks for fewer requests (429).',
    remedy: 'The collector keeps to it by itself. When it lasts, look for other users of the same key or organization.',
  },
  // The key.
  'key-of-project': {
    cause: 'The key is one of a project (sk-proj-..., sk-svcacct-..., or an old sk-...); it cannot read the Admin API.',
    remedy: 'Make an Admin key (sk-admin-...): platform.openai.com, Settings, Organization, Admin keys.',
    exit: 12,
  },
  'key-misshapen': {
    cause: 'The key holds what no key holds: spaces, quotes, a line break, `Bearer`, or the stars of a shortened one.',
    remedy: 'Copy the key anew, alone.',
    exit: 12,
  },
  'key-refused': {
    cause: 'The API does not know the key: it was deleted, has expired, or was mistyped.',
    remedy: 'Set `admin_key` to a valid Admin key (sk-admin-...).',
    exit: 12,
  },
  'scope-audit-logs': {
    cause: 'The key may not read audit logs (api.audit_logs.read).',
    remedy: 'Give the key that scope, or make an Admin key that may read everything.',
  },
  'scope-management': {
    cause: 'The key may not read what exists in the organization (api.management.read).',
    remedy: 'Give the key that scope, or set `inventory.enabled: false`.',
  },
  'audit-logging-off': {
    cause: 'The audit log is empty: audit logging is probably switched off.',
    remedy:
      'An owner switches it on: platform.openai.com, Settings, Organization, Data controls, Data retention, Audit logging.',
  },
  'stream-unavailable': {
    cause: 'The API refuses one of the streams of the audit log to this organization.',
    remedy: 'Look at the words of the API; where there is no tenant, set `audit_logs.streams: [organization]`.',
  },
  'family-unavailable': {
    cause: "A family of the inventory cannot be read: the organization's plan lacks it.",
    remedy: 'Nothing is lost by it. Name the family in `inventory.exclude`, and it is not asked for any more.',
  },
  'not-read': {
    cause: 'A check got no answer in its time, or failed in a way that it does not know.',
    remedy: 'Run it again; when it lasts, report it.',
  },
  // The backend.
  'backend-name-unknown': {
    cause: 'The name of the backend has no address here.',
    remedy: 'Set `exporter.endpoint` to a name that resolves; check the name service (DNS).',
  },
  'backend-unreachable': {
    cause: 'No connection to the backend stands, or it gives no answer.',
    remedy: 'Start it, or check `exporter.endpoint`, the network and firewalls.',
  },
  'backend-tls': {
    cause: "The backend's certificate is not trusted, it wants another certificate of ours, or one side speaks no TLS.",
    remedy: 'Check http:// or https:// in `exporter.endpoint`, and `exporter.tls`.',
  },
  'backend-path': {
    cause: 'The backend takes no OTLP logs at this path, or not in this encoding.',
    remedy:
      'Check `exporter.endpoint` (/v1/logs is appended; of Loki it ends in /otlp), `exporter.protocol` and `exporter.compression`.',
  },
  'backend-credentials': {
    cause: 'The backend refuses the credentials (401, 403).',
    remedy: 'Set `exporter.headers`, for example `authorization: Bearer ...` or `X-Scope-OrgID`.',
  },
  'backend-refuses': {
    cause: 'The backend refuses a harmless record.',
    remedy: 'Look at its words and at its log; nothing is lost meanwhile, delivery waits.',
  },
  'backend-too-old': {
    cause: 'The backend takes no records as old as `start_from`, or none so far ahead of its own clock.',
    remedy:
      'Raise what its words name (of Loki: reject_old_samples, max_chunk_age, schema_config, creation_grace_period), or set a later `start_from`.',
  },
  'backend-failed': {
    cause: 'The backend failed (5xx, 429), or did not answer in time.',
    remedy: 'It is tried again. When it lasts, look at its log and its load.',
  },
  'backend-waiting': {
    cause: 'A command that runs once was kept waiting by the backend.',
    remedy: 'Nothing is lost. Mend what the message says, then run it again.',
  },
  // What Loki's own configuration says.
  'loki-age': {
    cause: 'Loki refuses events older than reject_old_samples_max_age (400, timestamp too old).',
    remedy: 'Set limits_config.reject_old_samples to false, or a later `start_from`.',
  },
  'loki-order': {
    cause:
      'Loki refuses events too far behind their stream; late ones are found only where ingester.max_chunk_age allows.',
    remedy: 'Raise ingester.max_chunk_age to twice the longest `reverify` span; config/loki.yaml has 17568h.',
  },
  'loki-schema': {
    cause: 'schema_config of Loki begins after the oldest event: those before it are answered 503 for ever.',
    remedy: 'Let the first `from` of schema_config lie before `start_from`.',
  },
  'loki-message-size': {
    cause: 'A batch may be larger than Loki hands on inside itself: it is answered 503 for ever.',
    remedy: 'Raise server.grpc_server_max_recv_msg_size, or lower `exporter.batch.max_bytes`.',
  },
  'loki-rate': {
    cause: 'A batch may be larger than the burst that Loki takes: it is answered 429 for ever.',
    remedy: 'Raise ingestion_burst_size_mb and per_stream_rate_limit_burst, or lower `exporter.batch.max_bytes`.',
  },
  'loki-line-size': {
    cause: 'Loki refuses lines that the audit log may well hold.',
    remedy: 'Set limits_config.max_line_size to 256KB or more; config/loki.yaml has 1MB.',
  },
  'loki-metadata': {
    cause: 'Loki takes no structured metadata, or less than a record may have.',
    remedy: 'Set limits_config.allow_structured_metadata to true, with 128 entries and 64KB or more.',
  },
  'loki-labels': {
    cause: 'Loki allows fewer labels than the resource of a record becomes.',
    remedy: 'Raise limits_config.max_label_names_per_series to 15.',
  },
  'loki-retention': {
    cause: 'Loki deletes sooner than `start_from` reaches back: a backfill is acknowledged and then deleted.',
    remedy: 'Raise limits_config.retention_period, or set a later `start_from`.',
  },
  'loki-visibility': {
    cause: 'Loki shows old events only after it has flushed them (up to half an hour later); they are not lost.',
    remedy: 'Set ingester.query_store_max_look_back_period to -1ns and querier.query_ingesters_within to 0.',
  },
  // Lasting conditions that the log tells of.
  'reading-failed': {
    cause: 'A stream of the audit log could not be read; it is tried again.',
    remedy: 'Nothing to do unless it lasts; the reason beside it says more.',
  },
  'reading-on-hold': {
    cause: 'A stream of the audit log waits for a person.',
    remedy: 'Mend what the reason says; `doctor` names it. Nothing is lost meanwhile.',
  },
  'delivery-on-hold': {
    cause: 'The backend wants a person: credentials, path, certificate or a setting.',
    remedy: 'Mend what the reason says; `doctor` names it. Nothing is lost meanwhile.',
  },
  'delivery-failed': {
    cause: 'The backend did not take a batch, or gave no answer; it is sent again.',
    remedy: 'Nothing to do unless it lasts; the reason beside it says more, and `doctor` looks at the whole way.',
  },
  'batch-halved': {
    cause: 'The backend refused a batch, or could not take it whole; it is sent again in smaller parts.',
    remedy: 'When it comes often, lower `exporter.batch`, or raise what the reason names.',
  },
  'reverify-behind': {
    cause: 'Covered spans are read again later than `reverify` says: the limits of the API leave too little.',
    remedy: 'Nothing is skipped. Ask for it less often, or less far back, in `audit_logs.reverify`.',
  },
  'start-from-later': {
    cause: '`start_from` is later than it was: what was not delivered before it is given up.',
    remedy: 'Put the old `start_from` back where that is not meant.',
  },
  'state-unwritable': {
    cause: 'The state cannot be written; delivery waits for it, and nothing is lost.',
    remedy: 'Look at the disk: full, read-only, broken, or unmounted.',
  },
  'id-reused': {
    cause: 'The API gave the id of an event to one of another type.',
    remedy: 'Nothing to do: both are kept, the other one as `id#type`.',
  },
  'listing-moved': {
    cause: 'The API lists nothing any more where the newest known events were.',
    remedy: 'Look whether the key belongs to the organization that the state knows.',
  },
  'list-incomplete': {
    cause: 'A list of the inventory was not read whole, so that nothing of it counts as gone.',
    remedy: 'It is read again. When it lasts, the reason beside it says more; `inventory.exclude` leaves a family out.',
  },
  'names-unread': {
    cause: 'Names that the inventory knows could not be read from the state; records go without them.',
    remedy: 'Look at the reason and at the disk.',
  },
  'metrics-unsent': {
    cause: 'The backend did not take metrics of the collector; they are sent again every minute.',
    remedy: 'Look whether it takes metrics at all; `telemetry.metrics.otlp: false` stops it.',
  },
  'span-aside': {
    cause: 'A span of the audit log could not be read, or its events could not be delivered; it is tried again hourly.',
    remedy: 'Look at the reason: a page that the API cannot give, or an age that the backend does not take.',
  },
  // Queries.
  'query-invalid': {
    cause: 'The SQL of a query is not valid, names what does not exist, or does more than to read.',
    remedy: 'Mend it where the message points; `query --tables` lists tables and columns.',
    exit: 2,
  },
  'query-long': {
    cause: 'A query needs many requests, and nobody has said that this is meant.',
    remedy: 'Narrow it by time, type, actor or project (`effective_at > ...`), or say `--yes`.',
    exit: 2,
  },
  'query-too-large': {
    cause: 'What a query reads does not fit into the memory that it may use.',
    remedy: 'Ask for a shorter time, or name fewer columns: only those that the query names are held.',
  },
  'query-doubtful': {
    cause: 'A query is valid, and compares something with what it is never equal to.',
    remedy: 'Look at what the message names; the result is there all the same.',
  },
  'filter-broken': {
    cause: 'A filter of the API left out an event that it should have found.',
    remedy: 'Nothing is missing: everything was read instead. `query --everything` uses no filter from the start.',
  },
  'query-failed': {
    cause: 'SQLite ended a query while it ran.',
    remedy: 'Its words say why, such as JSON that is none.',
  },
  // The rest.
  failed: {
    cause: 'A command could not do all that it was asked.',
    remedy: 'Its message says what is left.',
  },
  unexpected: {
    cause: 'The program met something that it does not know: a defect.',
    remedy: 'Report it with the lines that it wrote; the state is safe, and a new start goes on from it.',
  },
} as const satisfies Readonly<Record<string, Problem>>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** What a command ends with after this problem. */
export function exitCodeOf(code: ProblemCode): number {
  const problem: Problem = PROBLEMS[code];
  return problem.exit ?? 1;
}
