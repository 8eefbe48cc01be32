import type { ListenOn } from './config.ts';
import { isNot, type Reading, scalar } from './format.ts';

const ACCEPTS = 'host:port, such as localhost:13134, or off';

/** Where a server listens; undefined is nowhere. Port 0 is any free one. */
export const listenOn = scalar(ACCEPTS, (value): Reading<ListenOn | undefined> => {
  if (value === 'off' || value === false) return { value: undefined };
  const [, bracketed, plain, digits = ''] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(`${value}`) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(digits) > 65_535) return isNot(value, `is not ${ACCEPTS}`);
  return { value: { host, port: Number(digits) } };
});
