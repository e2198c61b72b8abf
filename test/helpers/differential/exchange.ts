import type { Cut, Field, Message } from './wire.ts';

/** Waits until that many bytes of the answer's body, or of the request's, have come to the other side. */
type AwaitBytes = {
  readonly do: 'await';
  readonly what: 'answered' | 'uploaded';
  readonly bytes: number;
};

/** A client waits for any answer, or for the head of the final one. */
export type ClientAwait = AwaitBytes | { readonly do: 'await'; readonly what: 'interim' | 'head' };

/** A server waits for the whole request, or until the client has gone. */
export type ServerAwait = AwaitBytes | { readonly do: 'await'; readonly what: 'request' | 'gone' };

/** What a client does in turn. */
export type ClientStep =
  | ClientAwait
  /** Sends the head, in packets of the request's cut. */
  | { readonly do: 'head' }
  /** Sends this piece of the body, framed. */
  | { readonly do: 'body'; readonly piece: string }
  /** Says that the body is whole. */
  | { readonly do: 'finish' }
  /** Resets the connection, or the stream. */
  | { readonly do: 'reset' };

/** What a server does in turn, once it has a request's head. */
export type ServerStep =
  | ServerAwait
  | { readonly do: 'send'; readonly text: string; readonly cut?: Cut }
  | { readonly do: 'end' }
  | { readonly do: 'reset' };

/** An exchange to be made: what is asked for, and how both sides behave. */
export type Script = {
  /** Says what is special, for the report. */
  readonly name: string;
  readonly version: '1.0' | '1.1';
  readonly method: string;
  /** Origin-form, or `*`; as bytes. */
  readonly target: string;
  /** Header lines in order. `{authority}` in a value is the server's. */
  readonly fields: readonly Field[];
  readonly framing: 'none' | 'length' | 'chunked';
  /** Behind each chunk's size. */
  readonly extension?: string;
  readonly cut: Cut;
  /** Reads the answer in many small steps. */
  readonly isSlowReader?: boolean;
  readonly client: readonly ClientStep[];
  readonly server: readonly ServerStep[];
};

/** An exchange under way, as both sides see it. Each side can wait for what the other sees. */
export class Run {
  readonly script: Script;
  readonly id: string;
  /** The request as the server got it, the last time that it did. */
  request: Message | undefined;
  readonly interims: Message[] = [];
  final: Message | undefined;
  /** The server has seen the client's connection end. */
  isClientGone = false;
  /** The client's connection has ended: nothing more will come. */
  isOver = false;
  readonly #waiting = new Set<() => void>();

  constructor(script: Script, id: string) {
    this.script = script;
    this.id = id;
  }

  /** Something was seen. */
  readonly news = (): void => {
    for (const look of this.#waiting) look();
  };

  /** Waits until this holds. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** The field by which a server knows which exchange a request belongs to. */
export const idField = 'x-exchange';
