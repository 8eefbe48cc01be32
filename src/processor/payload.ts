import type { Value } from '../record.ts';
import { at, isMap, textAt } from './json.ts';

/**
 * What an event says besides the common fields: it stands in a property named like the type. Types were renamed before
 * (`checkpoint_permission.created` became `checkpoint.permission.created`), so one that differs only in dots and
 * underscores counts too.
 */
export function payloadOf(event: Value): Value | undefined {
  const type = textAt(event, 'type');
  if (type === undefined || !isMap(event)) return undefined;
  if (Object.hasOwn(event, type)) return event[type];
  const alike = Object.keys(event).find(
    key => key.length === type.length && key.includes('.') && plain(key) === plain(type),
  );
  return alike === undefined ? undefined : (at(event, alike) as Value);
}

function plain(name: string): string {
  return name.replaceAll('.', '_');
}
