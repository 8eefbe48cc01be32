import type { LogRecord } from '../record.ts';
import { RESOURCE } from './attribute-names.ts';
import type { ObservedEvent } from './processor.ts';

interface Options {
  readonly organizations: readonly { readonly name: string; readonly id?: string | undefined }[];
  readonly resourceAttributes: Readonly<Record<string, string>>;
}

/**
 * A resource for each way, since a backend that orders by stream needs one stream a way. Records that follow each other
 * on a way have the same object.
 */
export function createResources(options: Options): (observed: ObservedEvent) => LogRecord['resource'] {
  const organizationIds = new Map(options.organizations.map(({ name, id }) => [name, id]));
  let last: { readonly instance: string; readonly resource: LogRecord['resource'] } | undefined;
  return ({ organization, stream, way }) => {
    const instance = `${organization}/${stream}/${way}`;
    if (last?.instance === instance) return last.resource;
    const organizationId = organizationIds.get(organization);
    const resource = {
      [RESOURCE.serviceNamespace]: 'openai',
      ...options.resourceAttributes,
      [RESOURCE.serviceName]: 'openai-audit',
      [RESOURCE.serviceInstanceId]: instance,
      [RESOURCE.organizationName]: organization,
      ...(organizationId === undefined ? {} : { [RESOURCE.organizationId]: organizationId }),
    };
    last = { instance, resource };
    return resource;
  };
}
