import type { Secrets } from '../../secrets/secrets.ts';
import type { Upgraded } from '../survey/survey.ts';

/** Beyond this number, WebSocket connections are counted, not listed. */
const LISTED = 50;

/**
 * A collection's description: lists the WebSocket connections, which the format has no item for. As plain GET
 * requests they would fail when the collection is run.
 */
export function collectionDescription(
  upgraded: readonly Upgraded[],
  secrets: Secrets,
): string | undefined {
  if (upgraded.length === 0) return undefined;
  const lines = upgraded.slice(0, LISTED).map((connection) => line(connection, secrets));
  if (upgraded.length > LISTED) lines.push(`- and ${upgraded.length - LISTED} more`);
  return [
    'WebSocket connections were recorded too, which this format cannot hold:',
    '',
    ...lines,
  ].join('\n');
}

function line({ url, messages }: Upgraded, secrets: Secrets): string {
  // The query is often a ticket that opens the connection.
  const address = secrets
    .url(url.replace(/\?.*$/s, ''))
    .replace(/^http/, 'ws')
    .replace(/\/\/[^/@]*@/, '//');
  if (messages === undefined) return `- ${address}`;
  return `- ${address}: ${messages} ${messages === 1 ? 'message' : 'messages'}`;
}
