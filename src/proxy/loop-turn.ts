import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Turn = {
  readonly response: ServerResponse;
  /** Absent while the answers to earlier requests of the connection are being sent: Node buffers this one anyway. */
  readonly socket: Socket | null;
  isOpen: boolean;
  isWhole: boolean;
};

let answers: Turn[] = [];

/**
 * Buffers an answer's writes until this turn of the event loop ends. Under load, many answers are written per turn, and
 * their readers are then woken together instead of in between; bench row `http-1k` shows the effect. A turn with a
 * single answer ends at once.
 *
 * @returns a function to call when the answer is complete
 */
export function sendWithTurn(response: ServerResponse): () => void {
  const { socket } = response;
  const turn: Turn = { response, socket, isOpen: true, isWhole: false };
  // Not the response: since Node 22 it then holds back chunks, and `end` sends the last chunk before them.
  socket?.cork();
  if (answers.push(turn) === 1) setImmediate(send);
  return () => {
    if (turn.isOpen) turn.isWhole = true;
    else response.end();
  };
}

function send(): void {
  const sent = answers;
  answers = [];
  for (const turn of sent) {
    const { response, socket, isWhole } = turn;
    turn.isOpen = false;
    // This also uncorks the socket.
    if (isWhole) response.end();
    // Node holds a head until the body begins, which may be much later in an event stream. flushHeaders sends it as UTF-8.
    else response.write(Buffer.alloc(0));
    socket?.uncork();
  }
}
