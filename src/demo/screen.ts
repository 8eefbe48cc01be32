import type { Output } from '../commands/command.ts';
import type { ReceivedRecord } from './otlp-receiver.ts';

/** Where nobody watches a line being rewritten, progress is said this often. */
const STEP = 0.25;
/** On a terminal, how often the line is rewritten at most. */
const FRAME_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** What a person sees of the demo: a progress line while history is filled, then a line for each event. */
export class Screen {
  readonly #output: Output;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #saidStep = 0;
  #lineOpen = false;

  constructor(output: Output) {
    this.#output = output;
  }

  say(line: string): void {
    this.clear();
    this.#output.write(`${line}\n`);
  }

  /** On a terminal the line stands until something else is said; the last one, with all of `total`, stays. */
  progress(done: number, total: number, nowMs: number): void {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const text = `history: ${count(done)} of ${count(total)} events delivered (${Math.floor(share * 100)} %)`;
    if (share === 1) {
      this.say(this.#fit(text));
    } else if (this.#output.isTTY === true) {
      if (nowMs - this.#drawnMs < FRAME_MS) return;
      this.#drawnMs = nowMs;
      this.#output.write(`${CLEAR_LINE}${this.#fit(text)}`);
      this.#lineOpen = true;
    } else if (Math.floor(share / STEP) > this.#saidStep) {
      this.#saidStep = Math.floor(share / STEP);
      this.say(text);
    }
  }

  /** The end of its id shows that two events of one text are two. */
  event({ uid, timestamp, attributes }: ReceivedRecord): void {
    const text = (name: string) => printable(attributes.get(name) ?? '');
    const type = text('openai.audit.type').padEnd(22);
    const parts = [clockTime(timestamp), text('openai.audit.delivery'), `[${printable(uid.slice(-4))}]`, type];
    this.say(this.#fit(`${parts.join(' ')} ${text('openai.audit.summary')}`));
  }

  /** What is there now, and what changed, in a sentence. An entity as it is has none, and no line. */
  inventory({ timestamp, text }: ReceivedRecord): void {
    if (text === undefined) return;
    const line = `${clockTime(timestamp)} inventory ${printable(text)}`;
    // Two whole ids would leave no room for what happened.
    this.say(this.#fit(this.#fit(line) === line ? line : withShortIds(line)));
  }

  /** Takes the progress line away, so that something else can be written. */
  clear(): void {
    if (this.#lineOpen) this.#output.write(CLEAR_LINE);
    this.#lineOpen = false;
  }

  #fit(line: string): string {
    const { isTTY, columns } = this.#output;
    const characters = [...line];
    if (isTTY !== true || columns === undefined || columns < 1 || characters.length <= columns) return line;
    return `${characters.slice(0, columns - 1).join('')}…`;
  }
}

function clockTime(timestamp: number): string {
  return new Date(timestamp * 1000).toISOString().slice(11, 19);
}

/** `svc_acct_nPiY15nzNj6DsvMf` as `svc_acct_…svMf`. */
function withShortIds(text: string): string {
  return text.replace(/\b((?:[a-z]+[_-])+)(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{8,}([A-Za-z0-9]{4})\b/g, '$1…$2');
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** What came over the wire may not steer the terminal: C0, C1, and marks that reorder text, as \u{hex}. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, each => `\\u{${each.codePointAt(0)?.toString(16)}}`);
}
