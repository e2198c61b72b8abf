import type { ConversationFacts, MessageFacts } from './conversation-facts.ts';
import type { Said } from './finding.ts';
import { setFindings } from './set-findings.ts';
import { shapeFindings } from './shape-findings.ts';

/** Compares the WebSockets of an endpoint: the number and order of messages is ignored. */
export function conversationFindings(old: ConversationFacts, now: ConversationFacts): Said[] {
  return [
    ...setFindings('subprotocol', 'subprotocol', old.subprotocols, now.subprotocols),
    ...messageFindings(old, now),
  ];
}

/** Only messages that were sent over every connection can be missing, or are new. */
function* messageFindings(old: ConversationFacts, now: ConversationFacts): Generator<Said> {
  const areKnown = old.isWhole && now.isWhole && old.connections > 0 && now.connections > 0;
  for (const [key, messages] of old.messages) {
    const others = now.messages.get(key);
    const place = placeOf(messages);
    if (others) {
      yield* setFindings('type', place, messages.formats, others.formats);
      yield* shapeFindings(place, messages.shape, others.shape);
    } else if (areKnown && isUsual(messages, old)) yield { kind: 'message gone', place };
  }
  if (!areKnown) return;
  for (const [key, messages] of now.messages)
    if (!old.messages.has(key) && isUsual(messages, now))
      yield { kind: 'message new', place: placeOf(messages) };
}

/** Whether messages were sent over every connection, and not because time passed. */
function isUsual({ name, connections }: MessageFacts, all: ConversationFacts): boolean {
  return (
    connections === all.connections &&
    !/^(?:ping|pong|.*heart_?-?beat|keep_?-?alive|ka)$/i.test(name)
  );
}

/** `message from server "tick"` */
function placeOf({ from, name }: MessageFacts): string {
  return `message from ${from}${name === '' ? '' : ` "${name}"`}`;
}
