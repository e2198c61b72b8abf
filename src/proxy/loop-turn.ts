import type { ServerResponse } from 'node:http';

type Turn = { readonly response: ServerResponse; isOpen: boolean; isWhole: boolean };

let answers: Turn[] = [];

/**
 * Holds what is written of an answer until this turn of the event loop is over. Many answers come in a turn when there is
 * much to do, and their readers are woken one after the other instead of each in between; bench row `http-1k` shows what
 * that brings. A turn with a single answer is over at once.
 *
 * @returns what to call when the answer is whole
 */
export function sendWithTurn(response: ServerResponse): () => void {
  const turn: Turn = { response, isOpen: true, isWhole: false };
  response.cork();
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
    const { response, isWhole } = turn;
    turn.isOpen = false;
    if (isWhole) response.end();
    // Node keeps a head until the body begins, which in an event stream may be much later.
    else response.flushHeaders();
    response.uncork();
  }
}
