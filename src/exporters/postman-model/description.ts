import type { Survey, Upgraded } from '../../collection/survey.ts';

/** More WebSocket connections than this are counted, not listed. */
const LISTED = 50;

/**
 * What a collection's description says: the WebSocket connections, which the format has no item for. As plain GET
 * requests they would fail when the collection is run.
 */
export function collectionDescription({ upgraded }: Survey): string | undefined {
  if (upgraded.length === 0) return undefined;
  const lines = upgraded.slice(0, LISTED).map(line);
  if (upgraded.length > LISTED) lines.push(`- and ${upgraded.length - LISTED} more`);
  return [
    'WebSocket connections were recorded too, which this format cannot hold:',
    '',
    ...lines,
  ].join('\n');
}

function line({ url, messages }: Upgraded): string {
  // What follows the question mark is often a ticket that opens the connection.
  const address = url
    .replace(/\?.*$/s, '')
    .replace(/^http/, 'ws')
    .replace(/\/\/[^/@]*@/, '//');
  if (messages === undefined) return `- ${address}`;
  return `- ${address}: ${messages} ${messages === 1 ? 'message' : 'messages'}`;
}
