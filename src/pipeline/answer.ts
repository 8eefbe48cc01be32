import type { CollectorError } from '../errors.ts';

/** What a command says at its end: lines for a person, and whether all is well. */
export interface Answer {
  readonly ok: boolean;
  readonly lines: readonly string[];
  /** The key was refused. */
  readonly keyRefused?: boolean;
}

export function failedAnswer(what: string, { message, status }: CollectorError): Answer {
  return { ok: false, lines: [`${what}: ${message}`], ...(status === 401 ? { keyRefused: true } : {}) };
}

export function joinedAnswer(answers: readonly Answer[]): Answer {
  return {
    ok: answers.every(({ ok }) => ok),
    lines: answers.flatMap(({ lines }) => lines),
    ...(answers.some(({ keyRefused }) => keyRefused) ? { keyRefused: true } : {}),
  };
}
