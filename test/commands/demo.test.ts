import { expect, test } from 'vitest';
import { demo } from '../../src/commands/demo.ts';
import { EXIT } from '../../src/errors.ts';

function started(...argv: string[]): Promise<unknown> {
  const output = { write: () => {} };
  return demo(argv, { stdout: output, stderr: output, env: {}, signal: AbortSignal.abort() }).catch(
    (error: unknown) => error,
  );
}

test.each(['localhost:4318', 'ftp://localhost', '4318', 'http://user:secret@localhost:4318'])(
  'refuses --endpoint %s before anything is started',
  async endpoint => {
    expect(await started('--endpoint', endpoint)).toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringMatching(/^--endpoint: /),
    });
  },
);

test('says how an endpoint is written', async () => {
  expect(await started('--endpoint', 'localhost:4318')).toMatchObject({
    message: '--endpoint: "localhost:4318" is not an http:// or https:// URL; write for example http://localhost:4318',
  });
});
