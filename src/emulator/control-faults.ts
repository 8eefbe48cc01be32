import {
  amount,
  ControlError,
  count,
  duration,
  fields,
  flag,
  integer,
  listOf,
  oneOf,
  required,
  text,
  valuesOf,
} from './control-body.ts';
import { FAULT_KINDS, type Fault } from './fault.ts';
import { ROUTES } from './routes.ts';

const checkFields = fields({
  kind: oneOf(...FAULT_KINDS),
  route: oneOf(...ROUTES.map(({ template }) => template)),
  query: text,
  skip: count,
  times: count,
  for: duration,
  delay: duration,
  status: count,
  retry_after: text,
  headers: valuesOf((value, place) => (value === null ? null : text(value, place))),
  body: text,
  content_type: text,
  bytes: amount,
  cursor: flag,
  by: integer,
});

/** The faults of a control request, as `{ "faults": [...] }`. */
export function readFaults(body: unknown): readonly Fault[] {
  const { faults } = fields({ faults: listOf(readFault) })(body, 'body');
  return required(faults, 'body.faults');
}

function readFault(value: unknown, place: string): Fault {
  const given = checkFields(value, place);
  const { route, query, skip, times, for: forMs, delay: delayMs } = given;
  const when = defined({ route, query, skip, times, forMs, delayMs });
  const kind = required(given.kind, `${place}.kind`);
  const need = <T>(name: string, field: T | undefined): T => required(field, `${place}.${name} (with kind ${kind})`);
  switch (kind) {
    case 'status': {
      const status = need('status', given.status);
      if (status < 200 || status > 599) throw new ControlError(`${place}.status: expected a status from 200 to 599`);
      const headers = given.headers && withoutNull(given.headers);
      return { ...when, kind, status, ...defined({ body: given.body, retryAfter: given.retry_after, headers }) };
    }
    case 'truncated':
      return { ...when, kind, ...defined({ bytes: given.bytes }) };
    case 'body':
      return { ...when, kind, body: need('body', given.body), ...defined({ contentType: given.content_type }) };
    case 'oversized':
      return { ...when, kind, bytes: need('bytes', given.bytes) };
    case 'headers':
      return { ...when, kind, headers: need('headers', given.headers) };
    case 'empty_page':
      return { ...when, kind, ...defined({ cursor: given.cursor }) };
    case 'moved_items':
      return { ...when, kind, ...defined({ by: given.by }) };
    default:
      return { ...when, kind };
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function withoutNull(headers: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null));
}
