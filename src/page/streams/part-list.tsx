import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Forms } from '../detail/body-view.tsx';
import { scrollTopFor } from '../list/row-range.ts';
import { VirtualList } from '../list/virtual-list.tsx';
import { formatSize, formatTime } from '../parts/format.ts';
import { visible } from '../parts/visible-text.ts';
import type { ShownPart } from './part.ts';

const ROW = 24;

type Props = {
  readonly parts: readonly ShownPart[];
  /** How many parts came before these and are not kept. */
  readonly before?: number;
  /** Incremented when parts have come. */
  readonly version?: number;
  /** What the parts are. */
  readonly label: string;
};

/** The parts of a stream in order, with the chosen one below. While the list is at its end, it follows new parts. */
export function PartList({ parts, before = 0, version = 0, label }: Props) {
  /** Counted from the beginning of the stream. Undefined follows the latest. */
  const [chosen, setChosen] = useState<number | undefined>(version === 0 ? before : undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = before + parts.length - 1;
  const index = Math.max(0, Math.min(last, chosen ?? last) - before);
  const choose = (to: number) => {
    const next = Math.max(0, Math.min(parts.length - 1, to));
    setChosen(before + next);
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = scrollTopFor(next, element.scrollTop, element.clientHeight, ROW);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(index + step);
  };
  useEffect(() => {
    const element = scroller.current;
    if (!element || version === 0) return undefined;
    const scrolled = () => {
      atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW;
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => element.removeEventListener('scroll', scrolled);
  }, [version === 0]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && version > 0 && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [version]);
  const part = parts[index];
  return (
    <>
      <VirtualList
        class="message-list"
        length={parts.length}
        rowHeight={ROW}
        keep={index}
        scroller={scroller}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const row = (target as HTMLElement).closest<HTMLElement>('[data-index]');
          if (row) choose(Number(row.dataset['index']));
        }}
        attributes={{
          role: 'listbox',
          tabIndex: 0,
          'aria-label': label,
          'aria-activedescendant': `message-${index}`,
        }}
        row={(at, top) => {
          const one = parts[at];
          return one && <PartRow key={at} part={one} index={at} top={top} chosen={at === index} />;
        }}
      />
      {part && <Forms key={before + index} body={part.body} />}
    </>
  );
}

type RowProps = {
  readonly part: ShownPart;
  readonly index: number;
  readonly top: number;
  readonly chosen: boolean;
};

function PartRow({ part, index, top, chosen }: RowProps) {
  const { isSent, at, label, line, size } = part;
  return (
    <div
      class={`message ${isSent ? 'sent' : 'received'}`}
      id={`message-${index}`}
      data-index={index}
      role="option"
      aria-selected={chosen}
      // The list has the focus and refers to the chosen part.
      tabIndex={-1}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span class="direction" role="img" aria-label={isSent ? 'sent' : 'received'}>
        {isSent ? '↑' : '↓'}
      </span>
      <span class="started">{at === undefined ? '' : formatTime(at, true)}</span>
      <span class="content">
        {label !== '' && <b class="label">{visible(label)}</b>}
        {visible(line)}
      </span>
      <span class="size">{formatSize(size)}</span>
    </div>
  );
}
