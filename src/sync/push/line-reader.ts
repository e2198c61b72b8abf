/** Longer lines are left out. In characters. */
const longestLine = 1024 * 1024;

/** Cuts text into lines, also those of a JSON text sequence (RFC 7464). Empty lines are left out. */
export class LineReader {
  #pending = '';
  #isSkipping = false;

  /** Takes the next piece of text. Returns the lines that it completes. */
  read(text: string): string[] {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    const whole: string[] = [];
    for (const line of lines) {
      if (!this.#isSkipping) whole.push(`${this.#pending}${line}`);
      this.#isSkipping = false;
      this.#pending = '';
    }
    this.#pending += last;
    if (this.#pending.length > longestLine) this.skip();
    return whole.map((line) => line.replace(/^\x1e|\r$/g, '')).filter((line) => line !== '');
  }

  /** Some text was lost: the line that it belonged to is left out. */
  skip(): void {
    this.#isSkipping = true;
    this.#pending = '';
  }
}
