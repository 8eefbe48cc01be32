import type { Clock, Random } from './clock.ts';
import type { CommandIo } from './commands/command.ts';
import type { Config } from './config/config.ts';
import { CollectorError, EXIT, ExitError } from './errors.ts';
import type { Answer } from './pipeline/answer.ts';
import type { Ask } from './pipeline/ask.ts';
import { openLog, withPorts } from './ports.ts';
import { askRunning } from './requests.ts';
import { askService } from './service.ts';

/** Does what is asked, or has it done by the collector that runs; writes the answer and resolves to the exit code. */
export async function answer(
  config: Config,
  warnings: readonly string[],
  ask: Ask,
  world: { readonly clock: Clock; readonly random: Random },
  { stdout, stderr, signal }: CommandIo,
): Promise<number> {
  const log = openLog(config, stderr, world.clock);
  for (const warning of warnings) log.warn(warning);
  const { ok, lines, keyRefused } = await answered();
  for (const line of lines) stdout.write(`${line}\n`);
  if (keyRefused) return EXIT.keyRefused;
  return ok ? EXIT.ok : EXIT.failed;

  async function answered(): Promise<Answer> {
    try {
      return await withPorts(config, { ...world, log }, ports => askService(config, ports, ask, signal));
    } catch (error) {
      if (error instanceof CollectorError) throw new ExitError(EXIT.failed, error.message, error);
      if (!(error instanceof ExitError) || error.exitCode !== EXIT.stateInUse) throw error;
      log.info('a collector runs on this state; it is asked to do it');
      const names = config.organizations.filter(({ auditLogs }) => auditLogs.enabled).map(({ name }) => name);
      return askRunning(config.storage.path, names, ask, world.clock, signal);
    }
  }
}
