import { useMemo } from 'preact/hooks';
import type { HarWebSocketMessage } from '../../sync/wire/page-events.ts';
import { formatCount } from '../parts/format.ts';
import { operationNames } from '../streams/operations.ts';
import { shownMessage } from '../streams/part.ts';
import { PartList } from '../streams/part-list.tsx';

type Props = {
  readonly messages: readonly HarWebSocketMessage[];
  /** The number of messages. */
  readonly count: number;
};

/** The messages of a WebSocket in order, with the chosen one below. */
export function MessagesTab({ messages, count }: Props) {
  const parts = useMemo(() => {
    const nameOf = operationNames();
    return messages.map((message) => shownMessage(message, nameOf));
  }, [messages]);
  if (parts.length === 0) return <p class="quiet">No messages were kept.</p>;
  return (
    <div class="messages">
      {count > parts.length && (
        <p class="warning">
          {formatCount(parts.length)} of {formatCount(count)} messages were kept.
        </p>
      )}
      <PartList parts={parts} label="Messages" />
    </div>
  );
}
