// The progress bar, on standard error and only where that is a terminal.

const WIDTH = 30;
/** Between two drawings, in milliseconds. */
const EVERY_MS = 100;

export class Progress {
  readonly #total: number | undefined;
  readonly #startedAt = performance.now();
  readonly #isShown = process.stderr.isTTY;
  #done = 0;
  #shownAt = 0;

  /** @param total bytes to read; undefined: not known. */
  constructor(total: number | undefined) {
    this.#total = total;
  }

  read(bytes: number): void {
    this.#done += bytes;
  }

  show(lines: number): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    const rate = Math.round((lines / (now - this.#startedAt)) * 1_000);
    process.stderr.write(
      `\r\x1b[K${this.#bar()}${lines.toLocaleString("en")} lines, ${rate.toLocaleString("en")}/s`,
    );
  }

  /** Takes the bar away, for what follows. */
  end(): void {
    if (this.#isShown) process.stderr.write("\r\x1b[K");
  }

  #bar(): string {
    if (!this.#total) return "";
    const share = Math.min(1, this.#done / this.#total);
    const full = Math.round(share * WIDTH);
    return `${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${Math.floor(share * 100)} %  `;
  }
}
