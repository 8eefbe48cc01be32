import type { Output } from '../commands/command.ts';

const UP = '\u001b[1A';
const CLEAR_LINE = '\r\u001b[2K';

/** A terminal whose last lines are rewritten: whatever else is written stands above them. */
export class Bars implements Output {
  readonly #terminal: Output;
  #lines: readonly string[] = [];

  constructor(terminal: Output) {
    this.#terminal = terminal;
  }

  /** These lines stand at the end from now on; none of them may be wider than the terminal. */
  show(lines: readonly string[]): void {
    if (lines.length === 0 && this.#lines.length === 0) return;
    const cleared = this.#cleared();
    this.#lines = lines;
    this.#terminal.write(`${cleared}${this.#drawn()}`);
  }

  /** Whole lines. */
  write(text: string): unknown {
    return this.#terminal.write(`${this.#cleared()}${text}${this.#drawn()}`);
  }

  get isTTY(): boolean {
    return this.#terminal.isTTY === true;
  }

  get columns(): number | undefined {
    return this.#terminal.columns;
  }

  #cleared(): string {
    return this.#lines.map((_, i) => `${i === 0 ? '' : UP}${CLEAR_LINE}`).join('');
  }

  #drawn(): string {
    return this.#lines.join('\n');
  }
}
