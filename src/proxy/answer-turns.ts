import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refuse } from './answer.ts';

const lastAnswer = Symbol('the answer to the last request that came');
const isBetween = Symbol('false: the packet that is parsed may have begun within a request');
const refused = Symbol('nothing more is read from this connection');

type Attended = Socket & {
  [lastAnswer]?: ServerResponse;
  [isBetween]?: boolean;
  [refused]?: boolean;
  /** Node's own: the answer that is being sent. */
  readonly _httpMessage?: ServerResponse | null;
};

/** Keeps track of the requests of every connection, for the other functions here. */
export function watchTurns(server: Server): void {
  server.prependListener('request', watchTurn);
  server.prependListener('checkContinue', watchTurn);
}

function watchTurn(request: IncomingMessage, response: ServerResponse): void {
  const socket = request.socket as Attended;
  socket[isBetween] = false;
  socket[lastAnswer] = response;
  const look = () => {
    if (request.complete && socket[lastAnswer] === response) socket[isBetween] = true;
  };
  // Both come when Node has parsed the whole packet: what is in the next one begins a request.
  process.nextTick(look);
  request.once('end', look);
}

/** Whether the packet that is parsed may have begun within a request. */
export function isWithinRequest(socket: Attended): boolean {
  return socket[isBetween] === false;
}

/** Whether nothing more is read from a connection. */
export function isRefused(socket: Attended): boolean {
  return socket[refused] === true;
}

/**
 * Takes a connection that the parser has released, for an upgrade or a tunnel, once the answers to its earlier requests
 * have been sent. Node no longer tells these when more of them can be sent.
 */
export function takeInTurn(socket: Attended, take: () => void): void {
  const drained = () => {
    const { _httpMessage: answer } = socket;
    if (!answer) return;
    const get = () => socket.writableNeedDrain;
    Object.defineProperty(answer, 'writableNeedDrain', { get, configurable: true });
    answer.emit('drain');
  };
  socket.on('drain', drained);
  afterAnswers(socket, () => {
    socket.off('drain', drained);
    if (socket.destroyed) return;
    // The idle time that the parser had set behind the answer.
    socket.setTimeout(0);
    take();
  });
}

/** Acts once the answers to a connection's earlier requests have been sent, or cannot be. */
export function afterAnswers(socket: Attended, act: () => void): void {
  const last = socket[lastAnswer];
  if (last === undefined || last.closed) act();
  else last.once('close', act);
}

/**
 * Refuses a connection's input after the answers to its earlier requests. A request that breaks off in its body is
 * refused at once, or cut if its answer has begun.
 */
export function refuseInTurn(socket: Attended, status: number, text: string): void {
  if (socket[refused]) return;
  socket[refused] = true;
  const last = socket[lastAnswer];
  if (last === undefined || last.closed || last.req.complete)
    afterAnswers(socket, () => refuse(socket, status, text));
  else if (last.headersSent) socket.destroy();
  else {
    refuse(socket, status, text);
    // Its upstream waits for the rest.
    setTimeout(() => socket.destroy(), lingerMs).unref();
  }
}

const lingerMs = 1000;
