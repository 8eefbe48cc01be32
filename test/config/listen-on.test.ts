import { expect, it } from 'vitest';
import { listenOn } from '../../src/config/listen-on.ts';

it.each([
  ['localhost:13134', { host: 'localhost', port: 13134 }],
  ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['off', undefined],
  [false, undefined],
])('%s is read', (text, value) => {
  expect(listenOn.read(text)).toEqual({ value });
});

it.each(['localhost', ':9464', 'localhost:65536', '9464', 9464, true, 'http://localhost:9464', '::1:9464', ''])(
  '%s is no place to listen at',
  text => {
    expect(listenOn.read(text)).toMatchObject({ faults: [{ message: expect.stringContaining('host:port') }] });
  },
);
