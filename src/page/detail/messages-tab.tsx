import { useRef, useState } from 'preact/hooks';
import type { HarWebSocketMessage } from '../../sync/wire/page-events.ts';
import { scrollTopFor } from '../list/row-range.ts';
import { VirtualList } from '../list/virtual-list.tsx';
import { formatCount, formatSize, formatTime } from '../parts/format.ts';
import { visible } from '../parts/visible-text.ts';
import { Forms } from './body-view.tsx';
import { messageBody, messageSize, messageText } from './messages.ts';

const ROW = 24;

type Props = {
  readonly messages: readonly HarWebSocketMessage[];
  /** The number of messages. */
  readonly count: number;
};

/** The messages of a WebSocket in order, with the chosen one below. */
export function MessagesTab({ messages, count }: Props) {
  const [chosen, setChosen] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const choose = (index: number) => {
    const next = Math.max(0, Math.min(messages.length - 1, index));
    setChosen(next);
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = scrollTopFor(next, element.scrollTop, element.clientHeight, ROW);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(chosen + step);
  };
  const message = messages[chosen];
  if (message === undefined) return <p class="quiet">No messages were kept.</p>;
  return (
    <div class="messages">
      {count > messages.length && (
        <p class="warning">
          {formatCount(messages.length)} of {formatCount(count)} messages were kept.
        </p>
      )}
      <VirtualList
        class="message-list"
        length={messages.length}
        rowHeight={ROW}
        keep={chosen}
        scroller={scroller}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const row = (target as HTMLElement).closest<HTMLElement>('[data-index]');
          if (row) choose(Number(row.dataset['index']));
        }}
        attributes={{
          role: 'listbox',
          tabIndex: 0,
          'aria-label': 'Messages',
          'aria-activedescendant': `message-${chosen}`,
        }}
        row={(index, top) => {
          const one = messages[index];
          return (
            one && (
              <MessageRow
                key={index}
                message={one}
                index={index}
                top={top}
                chosen={index === chosen}
              />
            )
          );
        }}
      />
      <Forms key={chosen} body={messageBody(message)} />
    </div>
  );
}

type RowProps = {
  readonly message: HarWebSocketMessage;
  readonly index: number;
  readonly top: number;
  readonly chosen: boolean;
};

function MessageRow({ message, index, top, chosen }: RowProps) {
  const sent = message.type === 'send';
  return (
    <div
      class={`message ${sent ? 'sent' : 'received'}`}
      id={`message-${index}`}
      data-index={index}
      role="option"
      aria-selected={chosen}
      // The list has the focus and refers to the chosen message.
      tabIndex={-1}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span class="direction" role="img" aria-label={sent ? 'sent' : 'received'}>
        {sent ? '↑' : '↓'}
      </span>
      <span class="started">{formatTime(message.time * 1000, true)}</span>
      <span class="content">{visible(messageText(message))}</span>
      <span class="size">{formatSize(messageSize(message))}</span>
    </div>
  );
}
