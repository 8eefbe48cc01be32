import type { ListenOn } from './config.ts';
import type { Raw, RawOrganization, Report } from './select.ts';
import { readFailure } from './substitute.ts';
import { isConfidential } from './url.ts';

/**
 * Rules between the keys of organizations. Works on raw values, so that a problem elsewhere hides none of these;
 * what is not valid alone was reported before and is passed over.
 */
export function checkOrganizations(
  organizations: readonly RawOrganization[],
  report: Report,
  warn: (message: string) => void,
): void {
  const names = organizations.map(({ raw }): unknown => raw.name ?? 'default');
  organizations.forEach(({ path, raw }, index) => {
    const first = names.indexOf(names[index]);
    if (first < index) {
      const message = `${organizations[first]?.path} has the same name, ${JSON.stringify(names[index])}; give each its own \`name\``;
      report(path, { at: raw.name === undefined ? '' : '.name', message });
    }
    checkBaseUrl(raw, path, report);
  });
  const keys = organizations.map(({ raw }) => raw.admin_key);
  if (new Set(keys).size < keys.length) {
    warn('two organizations use the same admin_key: all its events will be delivered twice');
  }
}

function checkBaseUrl(organization: Raw, path: string, report: Report): void {
  const baseUrl = organization.base_url;
  if (typeof baseUrl !== 'string' || !/^http:/i.test(baseUrl) || !URL.canParse(baseUrl) || isConfidential(baseUrl))
    return;
  if (String(organization.allow_plain_http) === 'true') return;
  const message =
    'would send the admin key unencrypted to another machine; write https://, or `allow_plain_http: true` for this organization';
  report(`${path}.base_url`, { at: '', message, subject: { value: baseUrl } });
}

/** A hash without a key would be undone by hashing every address and name there is. */
export function checkRecords({ records }: Raw, report: Report): void {
  const { privacy, privacy_key: key } = (records ?? {}) as Raw;
  const isHashed = Array.isArray(privacy) && privacy.some((pair: unknown) => Array.isArray(pair) && pair[1] === 'hash');
  if (!isHashed || key !== undefined) return;
  const message = `is missing: \`hash\` needs a key of its own; write a reference such as \${env:PRIVACY_KEY}`;
  report('records.privacy_key', { at: '', message });
}

/** Rules between the keys of the exporter, and whether its certificates can be read. */
export async function checkExporter(
  raw: Raw,
  readFile: (path: string) => Promise<string>,
  report: Report,
): Promise<void> {
  const tls = ((raw.exporter as Raw | undefined)?.tls ?? {}) as Raw;
  for (const [one, other] of [
    ['cert_file', 'key_file'],
    ['key_file', 'cert_file'],
  ] as const) {
    if (tls[one] !== undefined && tls[other] === undefined)
      report(`exporter.tls.${one}`, { at: '', message: `needs \`${other}\` beside it` });
  }
  for (const [name, file] of Object.entries(tls)) {
    if (typeof file !== 'string') continue;
    try {
      await readFile(file);
    } catch (error) {
      report(`exporter.tls.${name}`, {
        at: '',
        message: `cannot be read: ${readFailure(error)}`,
        subject: { value: file },
      });
    }
  }
}

/** Two servers cannot have one port. */
export function checkPorts(health: ListenOn | undefined, metrics: ListenOn | undefined, report: Report): void {
  if (health === undefined || metrics === undefined || metrics.port === 0) return;
  if (health.host !== metrics.host || health.port !== metrics.port) return;
  const message = `is what \`health.endpoint\` has; give it a port of its own, or 0 for any free one`;
  report('telemetry.metrics.prometheus', { at: '', message, subject: { value: `${metrics.host}:${metrics.port}` } });
}
