import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app.ts';
import { spanToggled } from '../history/filter.ts';
import type { Tally } from '../history/tally.ts';
import { RESULTS } from '../history/traits.ts';
import { counted, formatCount, formatTime } from '../parts/format.ts';
import { useObservable } from '../parts/use-observable.ts';
import { type Bucket, bucketsOf } from './buckets.ts';

const MOST_BARS = 60;
const HEIGHT = 96;

/** Calls over time, stacked by how they ended; each bar filters by its span. */
export function Timeline({ seconds }: { readonly seconds: Tally['seconds'] }) {
  const { history } = useApp();
  const { span } = useObservable(history.filter);
  const [at, setAt] = useState(0);
  const bars = useRef<SVGSVGElement>(null);
  const buckets = bucketsOf(seconds, MOST_BARS);
  const highest = Math.max(1, ...buckets.map(({ total }) => total));
  const here = Math.min(at, buckets.length - 1);

  const toggle = ({ from, to }: Bucket) =>
    history.filter.set(spanToggled(history.filter.get(), from, to));
  const go = (to: number) => {
    const next = Math.max(0, Math.min(buckets.length - 1, to));
    setAt(next);
    bars.current?.querySelectorAll<SVGElement>('[role=button]')[next]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const bucket = buckets[here];
    if (step !== undefined) go(here + step);
    else if ((event.key === 'Enter' || event.key === ' ') && bucket) toggle(bucket);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="chart chart-time">
      <h3>Over time</h3>
      <p class="unseen">{summaryOf(buckets, highest)}</p>
      <svg
        ref={bars}
        width="100%"
        height={HEIGHT}
        role="group"
        aria-label="Calls over time"
        onKeyDown={onKeyDown}
      >
        {buckets.map((bucket, index) => (
          <Bar
            key={bucket.from}
            bucket={bucket}
            x={index / Math.max(buckets.length, 12)}
            width={1 / Math.max(buckets.length, 12)}
            highest={highest}
            chosen={span?.from === bucket.from && span.to === bucket.to}
            tabIndex={index === here ? 0 : -1}
            onPress={() => {
              setAt(index);
              toggle(bucket);
            }}
          />
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>{buckets[0] && formatTime(buckets[0].from)}</span>
        <span>{highest > 1 && `at most ${formatCount(highest)}`}</span>
        <span>{buckets.length > 1 && formatTime(buckets.at(-1)?.to ?? 0)}</span>
      </p>
    </div>
  );
}

type BarProps = {
  readonly bucket: Bucket;
  /** Of the chart's width, from 0 to 1. */
  readonly x: number;
  readonly width: number;
  readonly highest: number;
  readonly chosen: boolean;
  readonly tabIndex: number;
  readonly onPress: () => void;
};

function Bar({ bucket, x, width, highest, chosen, tabIndex, onPress }: BarProps) {
  let below = 0;
  const area = { x: `${x * 100}%`, width: `${width * 100 * 0.86}%` };
  return (
    <g
      // An SVG has no buttons of its own.
      role="button"
      // Names of SVG attributes are in lower case.
      tabindex={tabIndex}
      aria-pressed={chosen}
      aria-label={labelOf(bucket)}
      onClick={onPress}
    >
      <title>{labelOf(bucket)}</title>
      <rect class="hit" {...area} width={`${width * 100}%`} height={HEIGHT} />
      {RESULTS.map((result, at) => {
        const value = bucket.counts[at] ?? 0;
        if (value === 0) return null;
        const height = Math.max(1, (value / highest) * HEIGHT);
        below += height;
        return (
          <rect
            key={result}
            class={`stack stack-${result}`}
            {...area}
            y={HEIGHT - below}
            height={height}
          />
        );
      })}
    </g>
  );
}

function labelOf({ from, to, counts, total }: Bucket): string {
  const parts = RESULTS.flatMap((result, at) => {
    const value = counts[at] ?? 0;
    return value === 0 ? [] : [`${formatCount(value)} ${result}`];
  });
  const which = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `${formatTime(from)} to ${formatTime(to)}: ${counted(total, 'call')}${which}`;
}

function summaryOf(buckets: readonly Bucket[], highest: number): string {
  const [first] = buckets;
  const last = buckets.at(-1);
  if (!first || !last) return 'No calls.';
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
  const seconds = (first.to - first.from) / 1000;
  return `${counted(total, 'call')} from ${formatTime(first.from)} to ${formatTime(last.to)}, at most ${formatCount(highest)} in ${counted(seconds, 'second')}.`;
}
