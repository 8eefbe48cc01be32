import { retryAfterMs } from '../retry-after.ts';
import type { Answer } from './answer.ts';
import { answerText } from './answer-text.ts';
import type { Outcome } from './exporter.ts';
import type { Redact } from './redact.ts';
import { classifySuccess } from './success.ts';
import { throttleMs } from './throttle.ts';

const LONGEST_MESSAGE = 500;

export interface ClassifyContext {
  readonly protocol: 'http/json' | 'http/protobuf';
  readonly redact: Redact;
  /** Unix milliseconds, for a Retry-After that is a date in an answer that has no Date. */
  readonly nowMs: number;
}

/**
 * What an answer means for the batch. The texts are those of OpenTelemetry Collector 0.165 and Grafana Loki 3.7:
 * a status alone does not tell a bad record from a wrong content type.
 */
export function classify(answer: Answer, context: ClassifyContext): Outcome {
  if (answer.status >= 200 && answer.status <= 299) return tidy(classifySuccess(answer, context.protocol), context);
  const text = answerText(answer.body);
  const status = trueStatus(answer.status, text);
  const message = text === '' ? `answered ${answer.status}` : `answered ${answer.status}: ${text}`;
  return tidy(classifyError(answer, status, text, message, context), context);
}

function classifyError(
  answer: Answer,
  status: number,
  text: string,
  message: string,
  context: ClassifyContext,
): Outcome {
  const age = [400, 422, 500, 503].includes(status) ? TOO_OLD.find(known => known.text.test(text)) : undefined;
  if (age !== undefined) return { kind: 'too_old', message: withAdvice(message, age.advice) };
  if (status === 400 && TOO_NEW.text.test(text))
    return { kind: 'too_new', message: withAdvice(message, TOO_NEW.advice) };

  if (status === 400 || status === 413 || status === 422) {
    const fault = CONFIGURATION.find(known => known.text.test(text));
    if (fault !== undefined) return { kind: 'misconfigured', message: withAdvice(message, fault.advice) };
    return { kind: 'refused', status, message };
  }
  if (status === 408 || status === 429 || (status >= 500 && status <= 599)) {
    return retryable(answer, status, text, message, context);
  }
  return { kind: 'misconfigured', message: withAdvice(message, adviceFor(status, answer)) };
}

/** A Collector turns its backend's 408, 413, 422, 500 and 501 into 500, and says in words what it was. */
function trueStatus(status: number, text: string): number {
  const said = status === 500 ? /HTTP Status Code (4\d\d)\b/.exec(text)?.[1] : undefined;
  return said === undefined ? status : Number(said);
}

interface KnownText {
  readonly text: RegExp;
  readonly advice: string;
}

/** Loki's limits on age. Which setting must change depends on which one spoke. */
const TOO_OLD: readonly KnownText[] = [
  {
    text: /no schema config found/i,
    advice: "let Loki's schema_config begin before the oldest event, or set start_from to a later time",
  },
  {
    text: /timestamp too old/i,
    advice:
      "set Loki's limits_config.reject_old_samples to false or raise reject_old_samples_max_age, or set start_from to a later time",
  },
  {
    text: /too far behind/i,
    advice:
      "raise Loki's ingester.max_chunk_age (half of it is how far back a stream may go), or set start_from to a later time",
  },
];

const TOO_NEW: KnownText = {
  text: /timestamp too new/i,
  advice: "raise Loki's limits_config.creation_grace_period, or set the clock of its machine",
};

/** 400s that no record is to blame for. */
const CONFIGURATION: readonly KnownText[] = [
  {
    text: /HTTP request to an HTTPS server/i,
    advice: 'the backend speaks TLS here: write https:// in exporter.endpoint',
  },
  {
    text: /content type:? .* is not supported|unsupported content.type/i,
    advice: 'the backend does not take this encoding: change exporter.protocol',
  },
  { text: /unsupported content.encoding/i, advice: 'set exporter.compression to none' },
  {
    text: /structured metadata, but this feature is disallowed/i,
    advice: "set Loki's limits_config.allow_structured_metadata to true",
  },
  {
    text: /label names; limit/i,
    advice: 'the resource has more labels than Loki allows: raise limits_config.max_label_names_per_series',
  },
];

function adviceFor(status: number, answer: Answer): string {
  if (status >= 300 && status <= 399) return 'redirects are not followed: set exporter.endpoint to the final URL';
  if (status === 401) return 'the backend does not accept the credentials: check exporter.headers';
  if (status === 403) return 'the credentials may not write here: check exporter.headers and the rights they have';
  if (status === 404 || status === 405) {
    return 'this is not the path of an OTLP receiver: check exporter.endpoint (/v1/logs is appended; Loki: http://host:3100/otlp)';
  }
  if (status === 407) return 'a proxy asks for credentials';
  if (status === 415) return 'the backend does not take this encoding: change exporter.protocol';
  return answer.status === status ? 'check exporter.endpoint' : "check the Collector's own exporter";
}

function retryable(answer: Answer, status: number, text: string, message: string, context: ClassifyContext): Outcome {
  const waitMs = retryAfterMs(answer.retryAfter, context.nowMs, answer.date) ?? throttleMs(text);
  return {
    kind: 'retryable',
    message,
    // OTLP: with 429 and 503 nothing was taken. The others may come from a proxy that lost sight of what happened.
    unknown: status !== 429 && status !== 503,
    timedOut: false,
    status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
}

const ADVICE = ' \u2014 ';

function withAdvice(message: string, advice: string): string {
  return `${message}${ADVICE}${advice}`;
}

/** Secrets out first, so that no part of one is left at the cut. */
function tidy<T extends Outcome>(outcome: T, context: ClassifyContext): T {
  if (!('message' in outcome)) return outcome;
  return { ...outcome, message: shorten(context.redact(outcome.message)) };
}

/** Long answers lose their middle, never the advice. */
function shorten(message: string): string {
  const at = message.lastIndexOf(ADVICE);
  const [said, advice] = at < 0 ? [message, ''] : [message.slice(0, at), message.slice(at)];
  return said.length <= LONGEST_MESSAGE ? message : `${said.slice(0, LONGEST_MESSAGE).toWellFormed()}...${advice}`;
}
