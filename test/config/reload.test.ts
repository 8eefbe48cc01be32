import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { untilReloaded } from '../../src/config/reload.ts';
import { ExitError } from '../../src/errors.ts';

const YAML = `
organizations: [{ name: acme, admin_key: "\${file:/key}" }]
exporter: { headers: { authorization: "Bearer \${file:/token}" } }
`;

/** Waits until the files change, one set of texts at each look. Undefined is a file that is away. */
async function reloaded(looks: readonly Record<string, string | undefined>[], check = () => {}) {
  const files = new Map<string, string | undefined>([
    ['config.yaml', YAML],
    ['/key', 'sk-admin-one\n'],
    ['/token', 'first'],
  ]);
  const readFile = async (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return text;
  };
  const loaded = await loadConfig({ path: 'config.yaml', env: {}, readFile });
  const waiting = [...looks];
  const refused: string[] = [];
  const end = new AbortController();
  const pause = async () => {
    const look = waiting.shift();
    if (look === undefined) end.abort();
    end.signal.throwIfAborted();
    for (const [path, text] of Object.entries(look ?? {})) files.set(path, text);
  };
  const options = { readFile, pause, check, onRefused: ({ message }: ExitError) => void refused.push(message) };
  const next = await untilReloaded(loaded, options, end.signal).catch(() => undefined);
  return { next: next?.config, refused, looksLeft: waiting.length };
}

it('takes a changed key and a changed header, and nothing of a changed YAML', async () => {
  const yaml = YAML.replace('acme', 'other');
  const { next, looksLeft } = await reloaded([{}, { 'config.yaml': yaml }, { '/key': 'sk-admin-two\n' }, {}]);

  expect(next?.organizations[0]).toMatchObject({ name: 'acme', adminKey: 'sk-admin-two' });
  expect(looksLeft).toBe(1);
  expect((await reloaded([{ '/token': 'second' }])).next?.exporter.headers).toEqual({ authorization: 'Bearer second' });
});

it('waits for a file that is being replaced', async () => {
  const { next, refused } = await reloaded([{ '/key': undefined }, {}, { '/key': 'sk-admin-two' }]);

  expect(next?.organizations[0]?.adminKey).toBe('sk-admin-two');
  expect(refused).toEqual([]);
});

it('says once that a text is not accepted, without it, and takes the next that is', async () => {
  const spoilt = { '/key': 'sk admin two' };
  const { next, refused } = await reloaded([spoilt, spoilt, {}, { '/key': 'sk-admin-three' }]);

  expect(next?.organizations[0]?.adminKey).toBe('sk-admin-three');
  expect(refused).toEqual([expect.stringContaining('organizations[0].admin_key')]);
  expect(refused[0]).not.toContain('sk admin two');
});

it('goes on as before when the old text is put back, and when only use shows that it does not do', async () => {
  expect(await reloaded([{ '/key': '' }, { '/key': 'sk-admin-one\n' }, {}])).toMatchObject({ next: undefined });
  const check = () => {
    throw new ExitError('exporter-tls-unusable', 'exporter.tls.key_file: is not the private key of it');
  };
  expect(await reloaded([{ '/key': 'sk-admin-two' }, {}], check)).toMatchObject({
    next: undefined,
    refused: ['exporter.tls.key_file: is not the private key of it'],
  });
});
