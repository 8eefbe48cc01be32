import type { Output } from '../commands/command.ts';
import type { ReceivedRecord } from './otlp-receiver.ts';

/** Where nobody watches a line being rewritten, progress is said this often. */
const STEP = 0.25;
/** On a terminal, how often the line is rewritten at most. */
const FRAME_MS = 100;

/** What a person sees of the demo: a progress line while history is filled, then a line for each event. */
export class Screen {
  readonly #output: Output;
  #drawnMs = 0;
  #saidStep = 0;
  #lineOpen = false;

  constructor(output: Output) {
    this.#output = output;
  }

  say(line: string): void {
    this.#closeLine();
    this.#output.write(`${line}\n`);
  }

  progress(done: number, total: number, nowMs: number): void {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const text = `history: ${count(done)} of ${count(total)} events delivered (${Math.floor(share * 100)} %)`;
    if (this.#output.isTTY === true) {
      if (nowMs - this.#drawnMs < FRAME_MS && share < 1) return;
      this.#drawnMs = nowMs;
      this.#output.write(`\r${text}`);
      this.#lineOpen = true;
    } else if (Math.floor(share / STEP) > this.#saidStep) {
      this.#saidStep = Math.floor(share / STEP);
      this.#output.write(`${text}\n`);
    }
  }

  event({ timestamp, attributes }: ReceivedRecord): void {
    const at = new Date(timestamp * 1000).toISOString().slice(11, 19);
    const type = attributes.get('openai.audit.type') ?? '';
    const delivery = attributes.get('openai.audit.delivery') ?? '';
    this.say(`${at}  ${delivery.padEnd(8)}  ${type.padEnd(30)}  ${attributes.get('openai.audit.summary') ?? ''}`);
  }

  #closeLine(): void {
    if (this.#lineOpen) this.#output.write('\n');
    this.#lineOpen = false;
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
