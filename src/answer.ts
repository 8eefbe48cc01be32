import type { Clock, Random } from './clock.ts';
import type { CommandIo } from './commands/command.ts';
import type { Config } from './config/config.ts';
import { CollectorError, EXIT, ExitError } from './errors.ts';
import type { Answer } from './pipeline/answer.ts';
import type { Ask } from './pipeline/ask.ts';
import { withLog, withPorts } from './ports.ts';
import type { Shown } from './progress/shown.ts';
import { askRunning } from './requests.ts';
import { followRunning } from './running-status.ts';
import { askService, type Ports } from './service.ts';

/** Does what is asked, or has it done by the collector that runs; writes the answer and resolves to the exit code. */
export async function answer(
  config: Config,
  warnings: readonly string[],
  ask: Ask,
  world: { readonly clock: Clock; readonly random: Random },
  { stdout, signal, ...io }: CommandIo,
): Promise<number> {
  const { ok, lines, keyRefused } = await withLog(config, io, world.clock, ({ log, progress }) => {
    for (const warning of warnings) log.warn(warning, { code: 'config-warning' });
    return answered({ ...world, log, progress });
  });
  for (const line of lines) stdout.write(`${line}\n`);
  if (keyRefused) return EXIT.keyRefused;
  return ok ? EXIT.ok : EXIT.failed;

  async function answered(own: Pick<Ports, 'clock' | 'random' | 'log'> & Shown): Promise<Answer> {
    try {
      return await withPorts(config, own, ports => askService(config, ports, ask, signal));
    } catch (error) {
      if (error instanceof CollectorError) throw new ExitError(error.code ?? 'failed', error.message, error);
      if (!(error instanceof ExitError) || error.exitCode !== EXIT.stateInUse) throw error;
      own.log.info('a collector runs on this state; it is asked to do it');
      const names = config.organizations
        .filter(({ auditLogs, inventory }) => auditLogs.enabled || (ask.kind === 'replay' && inventory.enabled))
        .map(({ name }) => name);
      const ended = new AbortController();
      const followed = followRunning(config, ask.kind, own, ended.signal);
      try {
        return await askRunning(config.storage.path, names, ask, world.clock, signal);
      } finally {
        ended.abort();
        await followed;
      }
    }
  }
}
