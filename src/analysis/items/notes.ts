import { type Exchange, responseOf } from '../../exchange.ts';
import type { Target } from '../../http/target.ts';
import { hasDynamicVariable } from '../../secrets/variables.ts';

/** Facts that a reader needs and the item itself does not show, as sentences. */
export function notesOn(
  exchange: Exchange,
  target: Target,
  bodyNote: string | undefined,
): string[] {
  const notes = [outcomeNote(exchange), bodyNote, urlNote(target), ...requestNotes(exchange)];
  return notes.filter((note) => note !== undefined);
}

function outcomeNote({ outcome }: Exchange): string | undefined {
  if (outcome.kind === 'completed') return undefined;
  const partial = responseOf(outcome);
  const came =
    partial === undefined
      ? ''
      : ` ${partial.status} and ${partial.body?.size ?? 0} bytes of its body had come.`;
  switch (outcome.kind) {
    case 'failed':
      return `No complete answer was recorded (${outcome.reason.kind}): ${outcome.reason.message}.${came}`;
    case 'aborted':
      return `The client disconnected before the answer was complete.${came}`;
    case 'unfinished':
      return `The recording stopped before the answer was complete.${came}`;
  }
}

function urlNote({ path, query }: Target): string | undefined {
  if (path.includes('\\')) return 'The backslashes in its path are replayed as slashes.';
  return path.includes('#') || query?.includes('#') ? 'What follows # is not replayed.' : undefined;
}

function requestNotes({ request }: Exchange): (string | undefined)[] {
  const { method, url, headers, trailers } = request;
  const isDynamic =
    hasDynamicVariable(url) ||
    headers.some(([name, value]) => hasDynamicVariable(name) || hasDynamicVariable(value));
  return [
    isDynamic
      ? 'It was recorded with a dynamic variable like {{$guid}} in its URL or headers, which is replaced when it is sent.'
      : undefined,
    headers.some(([name]) => name === '__proto__')
      ? 'Its header __proto__ is not sent again.'
      : undefined,
    method === method.toUpperCase() ? undefined : `Its method was spelled ${method}.`,
    trailers?.length ? 'It was sent with trailers, which are not replayed.' : undefined,
  ];
}
