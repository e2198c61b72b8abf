import { objectIn } from './json-object.ts';

/** More operations are not remembered. */
const MOST = 1000;

/**
 * Names the messages of GraphQL over a WebSocket by their operation: `subscribe OnPrice`, then `next OnPrice`. Reads the
 * protocols graphql-transport-ws (graphql-ws) and graphql-ws (subscriptions-transport-ws).
 * @returns a function from the text of a message to its name, which is empty for other messages.
 */
export function operationNames(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    const message = objectIn(text);
    const type = message?.['type'];
    if (message === undefined || typeof type !== 'string') return '';
    const id = String(message['id'] ?? '');
    if (type === 'subscribe' || type === 'start') {
      const name = nameOf(message['payload']);
      if (name !== '' && names.size < MOST) names.set(id, name);
    }
    const name = names.get(id) ?? '';
    if (type === 'complete' || type === 'stop') names.delete(id);
    return name === '' ? '' : `${type} ${name}`;
  };
}

function nameOf(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return '';
  const { operationName, query } = payload as Readonly<Record<string, unknown>>;
  if (typeof operationName === 'string' && operationName !== '') return operationName;
  if (typeof query !== 'string') return '';
  const named = /\b(?:query|mutation|subscription)\s+([_A-Za-z]\w*)/.exec(query)?.[1];
  // Without a name, the first field says what is asked for.
  return named ?? /\{\s*(?:\w+\s*:\s*)?([_A-Za-z]\w*)/.exec(query)?.[1] ?? '';
}
