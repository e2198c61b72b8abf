import type { Facet } from '../history/filter.ts';
import { counted, formatCount } from '../parts/format.ts';
import { visible } from '../parts/visible-text.ts';

type Props = {
  readonly facet: Facet;
  readonly title: string;
  readonly bars: readonly (readonly [string, number])[];
  readonly others: number;
  readonly total: number;
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (word: string) => void;
};

/** A chart of lying bars; each filters by what it stands for. */
export function BarList({ facet, title, bars, others, total, chosen, onToggle }: Props) {
  const longest = Math.max(1, ...bars.map(([, value]) => value));
  return (
    <div class={`chart chart-${facet}`}>
      <h3 id={`chart-${facet}`}>{title}</h3>
      <ul aria-labelledby={`chart-${facet}`}>
        {bars.map(([word, value]) => (
          <li key={word}>
            <button
              type="button"
              class={`bar ${facet === 'results' ? `result-${word}` : ''}`}
              aria-pressed={chosen.has(word)}
              aria-label={`${visible(word)}: ${counted(value, 'call')} of ${formatCount(total)}`}
              title={visible(word)}
              onClick={() => onToggle(word)}
            >
              <span class="word">{visible(word)}</span>
              <span class="value">{formatCount(value)}</span>
              <svg width="100%" height="4" aria-hidden="true">
                <rect class="track" width="100%" height="4" rx="2" />
                <rect class="fill" width={`${(value / longest) * 100}%`} height="4" rx="2" />
              </svg>
            </button>
          </li>
        ))}
      </ul>
      {others > 0 && <p class="quiet">and {formatCount(others)} more</p>}
    </div>
  );
}
