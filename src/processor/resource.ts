import type { LogRecord } from '../record.ts';
import { RESOURCE } from './attribute-names.ts';
import type { ObservedEvent } from './processor.ts';

/** A resource for each way, since a backend that orders by stream needs one stream a way. */
export function resourceOf(
  observed: ObservedEvent,
  organizationId: string | undefined,
  operators: Readonly<Record<string, string>>,
): LogRecord['resource'] {
  return {
    [RESOURCE.serviceNamespace]: 'openai',
    ...operators,
    [RESOURCE.serviceName]: 'openai-audit',
    [RESOURCE.serviceInstanceId]: `${observed.organization}/${observed.stream}/${observed.way}`,
    [RESOURCE.organizationName]: observed.organization,
    ...(organizationId === undefined ? {} : { [RESOURCE.organizationId]: organizationId }),
  };
}
