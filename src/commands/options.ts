import { type ParseArgsConfig, parseArgs } from 'node:util';
import { closest } from '../suggest.ts';

/** What a command is told. Throws as parseArgs, and says what was probably meant. */
export function readOptions<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (error instanceof Error) error.message = explained(error.message, Object.keys(config.options ?? {}));
    throw error;
  }
}

function explained(message: string, names: readonly string[]): string {
  const option = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (option !== undefined) {
    const meant = closest(option.replace(/^-+/, ''), names);
    return `There is no option ${JSON.stringify(option)}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`;
  }
  const argument = /^Unexpected argument '([^']*)'/.exec(message)?.[1];
  if (argument === undefined) return message;
  const isFile = names.includes('config') && /\.ya?ml$/.test(argument);
  return `Nothing can be done with ${JSON.stringify(argument)}.${isFile ? ` Did you mean --config ${argument}?` : ''}`;
}
