/** A server-sent event. */
export type StreamEvent = {
  /** The value of its `id` field, where it has one. */
  readonly id?: string;
  /** The value of its `event` field, where it has one. */
  readonly event?: string;
  /** Its `data` fields, joined by line feeds. */
  readonly data: string;
};

/** Longer events are left out. In characters. */
const longestEvent = 1024 * 1024;

/**
 * Reads an event stream piece by piece (WHATWG HTML, 9.2.6). A comment is not an event. An event without an empty line
 * behind it is not complete.
 */
export class EventStreamReader {
  #line = '';
  #fields: { id?: string; event?: string; data: string[] } = { data: [] };
  #length = 0;
  #isSkipping = false;
  #endsInReturn = false;

  /** Takes the next piece of decoded text. Returns the events that it completes. */
  read(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    // A line feed that follows a carriage return belongs to the same line end.
    const piece = this.#endsInReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#endsInReturn = text.endsWith('\r');
    const lines = piece.split(/\r\n|\r|\n/);
    for (const [at, part] of lines.entries()) {
      if (this.#length + part.length > longestEvent) this.#isSkipping = true;
      if (!this.#isSkipping) this.#line += part;
      this.#length += part.length;
      if (at === lines.length - 1) break;
      const isEmpty = this.#line === '' && part === '';
      if (isEmpty) events.push(...this.#dispatch());
      else if (!this.#isSkipping) this.#field(this.#line.replace(/^\ufeff/, ''));
      this.#line = '';
    }
    return events;
  }

  /** Some text was lost: the event that it belonged to is left out. */
  skip(): void {
    this.#isSkipping = true;
    this.#line = '';
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#fields.data.push(value);
    else if (name === 'event' || name === 'id') this.#fields[name] = value;
  }

  #dispatch(): StreamEvent[] {
    const { data, ...fields } = this.#fields;
    const isWhole = !this.#isSkipping && (data.length > 0 || Object.keys(fields).length > 0);
    this.#fields = { data: [] };
    this.#length = 0;
    this.#isSkipping = false;
    return isWhole ? [{ ...fields, data: data.join('\n') }] : [];
  }
}
