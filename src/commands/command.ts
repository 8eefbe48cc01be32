/** Where a command writes text. */
export interface Output {
  write(text: string): unknown;
  /** Whether a person is watching. */
  readonly isTTY?: boolean | undefined;
  /** How many characters a line of the terminal holds. */
  readonly columns?: number | undefined;
}

/** What a command may touch of the process. */
export interface CommandIo {
  /** Results. */
  readonly stdout: Output;
  /** Logs and messages. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the person or the system asks the command to stop. */
  readonly signal: AbortSignal;
}

/** Whether results may have colour: on a terminal, unless the person wants none. */
export function hasColour({ stdout, env }: CommandIo): boolean {
  return stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Runs with the arguments after its name; resolves with an exit code, rejects with an ExitError for what a person must mend. */
export type Command = (argv: readonly string[], io: CommandIo) => Promise<number>;
