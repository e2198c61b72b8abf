import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { VirtualList } from '../list/virtual-list.tsx';
import { hexLine, hexLineCount } from './hex-lines.ts';

const LINE = 20;
/** Below this many pixels a line has 8 bytes instead of 16. */
const WIDE = 560;
const MOST_LINES_IN_VIEW = 32;

/** A hex dump. Only the lines in view are drawn. */
export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [perLine, setPerLine] = useState(16);
  const lines = hexLineCount(bytes, perLine);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    element.style.height = `${Math.min(lines, MOST_LINES_IN_VIEW) * LINE}px`;
    const sizes = new ResizeObserver(() => setPerLine(element.clientWidth < WIDE ? 8 : 16));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [lines]);
  return (
    <VirtualList
      class="hex"
      length={lines}
      rowHeight={LINE}
      scroller={scroller}
      attributes={{ tabIndex: 0, role: 'group', 'aria-label': `Hex dump, ${bytes.length} bytes` }}
      row={(index, top) => {
        const { offset, hex, text } = hexLine(bytes, index, perLine);
        return (
          <div key={index} class="hex-line" style={{ transform: `translateY(${top}px)` }}>
            <span class="offset">{offset}</span>
            <span class="bytes">{hex.padEnd(perLine * 3)}</span>
            <span class="ascii">{text}</span>
          </div>
        );
      }}
    />
  );
}
