import type { RawData, WebSocket } from 'ws';
import {
  type CookieAnswer,
  type CookieRequest,
  type InterceptorRequest,
  interceptorMessage,
} from '../../sync/wire/interceptor.ts';
import { readMessage } from '../../sync/wire/protocol.ts';
import { closeCodes, closeWith } from '../websocket.ts';

/** A browser that takes cookie requests. */
type Connection = {
  readonly socket: WebSocket;
  readonly pairing: string;
  readonly waiting: Map<number, Waiting>;
};

type Waiting = {
  readonly resolve: (answer: CookieAnswer) => void;
  readonly reject: (error: Error) => void;
};

const answerMs = 10_000;

/** The connections of extensions: those that push, and those that take cookie requests. */
export class InterceptorConnections {
  readonly #browsers = new Set<Connection>();
  /** Every socket of an extension, by its pairing. */
  readonly #sockets = new Map<WebSocket, string>();
  readonly #onChange: () => void;
  #lastId = 0;

  /** @param onChange called when a browser begins or ceases to share its cookies */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether a browser shares its cookies. */
  get sharesCookies(): boolean {
    return this.#browsers.size > 0;
  }

  /** Remembers the socket of an extension, so that it can be revoked. */
  watch(socket: WebSocket, pairing: string): void {
    this.#sockets.set(socket, pairing);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Takes over the connection over which an extension takes cookie requests. */
  accept(socket: WebSocket, pairing: string): void {
    const browser: Connection = { socket, pairing, waiting: new Map() };
    this.#browsers.add(browser);
    this.#onChange();
    socket.on('message', (data, isBinary) => take(browser, data, isBinary));
    socket.once('close', () => {
      this.#browsers.delete(browser);
      this.#onChange();
      for (const { reject } of browser.waiting.values())
        reject(new Error('The browser disconnected.'));
    });
  }

  /**
   * Asks the browser that connected last.
   *
   * @throws Error with a sentence for the page
   */
  ask(request: CookieRequest): Promise<CookieAnswer> {
    const browser = [...this.#browsers].at(-1);
    if (browser === undefined) {
      const hint = 'Switch on "Cookies" in the popup of the Interceptor.';
      return Promise.reject(new Error(`No browser shares its cookies. ${hint}`));
    }
    const id = ++this.#lastId;
    return new Promise<CookieAnswer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The browser does not answer.')), answerMs);
      browser.waiting.set(id, {
        resolve(answer) {
          clearTimeout(timer);
          resolve(answer);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      const message: InterceptorRequest = { id, request };
      browser.socket.send(JSON.stringify(message));
    }).finally(() => browser.waiting.delete(id));
  }

  /** Closes the connections of a revoked pairing, or of all. */
  revoke(pairing?: string): void {
    for (const [socket, owner] of this.#sockets) {
      if (pairing === undefined || owner === pairing)
        closeWith(socket, closeCodes.revoked, 'the pairing was revoked');
    }
  }
}

function take({ socket, waiting }: Connection, data: RawData, isBinary: boolean): void {
  const read = isBinary
    ? 'messages must be text'
    : readMessage(interceptorMessage, data.toString());
  if (typeof read === 'string') {
    closeWith(socket, closeCodes.policy, read);
    return;
  }
  const { message } = read;
  const asked = waiting.get(message.id);
  if ('error' in message) asked?.reject(new Error(message.error));
  else asked?.resolve(message.answer);
}
