import { useApp } from '../app.ts';
import { type Facet, toggled } from '../history/filter.ts';
import { KINDS, MARKS, METHODS, RESULTS } from '../history/traits.ts';
import { formatTime } from '../parts/format.ts';
import { CloseIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { visible } from '../parts/visible-text.ts';

/** The choices of the filter besides its text, including what was chosen in the overview. */
export function FilterChoices() {
  const { history } = useApp();
  const filter = useObservable(history.filter);
  const compared = useObservable(history.compared);
  const { span, ...rest } = filter;
  return (
    <div class="choices">
      <Group facet="methods" label="Methods" words={METHODS} />
      <Group facet="results" label="Status" words={RESULTS} />
      <Group facet="kinds" label="Types" words={KINDS} />
      {compared && <Group facet="marks" label="Compared with the recording" words={MARKS} />}
      {(filter.hosts.size > 0 || span) && (
        <div class="group" role="group" aria-label="From the overview">
          {[...filter.hosts].map((host) => (
            <Chosen
              key={host}
              text={visible(host)}
              onRemove={() => history.filter.set(toggled(filter, 'hosts', host))}
            />
          ))}
          {span && (
            <Chosen
              text={`${formatTime(span.from)}–${formatTime(span.to)}`}
              onRemove={() => history.filter.set(rest)}
            />
          )}
        </div>
      )}
    </div>
  );
}

type GroupProps = {
  readonly facet: Facet;
  readonly label: string;
  readonly words: readonly string[];
};

function Group({ facet, label, words }: GroupProps) {
  const { history } = useApp();
  const filter = useObservable(history.filter);
  // The overview may have a choice that is not among the usual ones.
  const all = new Set([...words, ...filter[facet]]);
  return (
    <div class="group" role="group" aria-label={label}>
      {[...all].map((word) => (
        <button
          key={word}
          type="button"
          class={`chip ${facet}-${word.toLowerCase()}`}
          aria-pressed={filter[facet].has(word)}
          onClick={() => history.filter.set(toggled(filter, facet, word))}
        >
          {visible(NAMES[word] ?? word)}
        </button>
      ))}
    </div>
  );
}

const NAMES: Readonly<Record<string, string>> = { none: 'no body', failed: 'failed' };

function Chosen({ text, onRemove }: { readonly text: string; readonly onRemove: () => void }) {
  return (
    <button
      type="button"
      class="chip chosen"
      aria-label={`Do not filter by ${text}`}
      onClick={onRemove}
    >
      {text}
      <CloseIcon />
    </button>
  );
}
