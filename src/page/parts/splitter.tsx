import { useRef } from 'preact/hooks';

type Props = {
  /** What it makes wider. */
  readonly label: string;
  /** Percent that the part on its left takes. */
  readonly value: number;
  readonly onMove: (value: number) => void;
};

export const EVENLY = 48;
const LEAST = 25;
const STEP = 3;

/** A bar between two parts that can be moved by pointer and by keys (ARIA Authoring Practices, window splitter). */
export function Splitter({ label, value, onMove }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const move = (to: number) => onMove(Math.max(LEAST, Math.min(100 - LEAST, to)));
  const onPointerMove = ({ clientX, pointerId }: PointerEvent) => {
    if (!bar.current?.hasPointerCapture(pointerId)) return;
    const { left, width } = bar.current.parentElement?.getBoundingClientRect() ?? new DOMRect();
    if (width > 0) move(((clientX - left) / width) * 100);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: STEP, ArrowLeft: -STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(value + step);
  };
  return (
    <div
      ref={bar}
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={LEAST}
      aria-valuemax={100 - LEAST}
      onPointerDown={({ pointerId }) => bar.current?.setPointerCapture(pointerId)}
      onPointerMove={onPointerMove}
      onDblClick={() => onMove(EVENLY)}
      onKeyDown={onKeyDown}
    />
  );
}
