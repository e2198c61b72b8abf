import { useState } from 'preact/hooks';
import { useApp } from '../app.ts';
import { choices, isEmpty, noFilter } from '../history/filter.ts';
import { parseFilterText } from '../history/filter-text.ts';
import { asksForAll, pushFiltersOf, viewOnlyWords } from '../history/push-filters.ts';
import { Button } from '../parts/button.tsx';
import { CloseIcon, FilterIcon, SearchIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { FilterChoices } from './filter-choices.tsx';

/** The text box of the filter. The key `/` moves the focus here. */
export const FILTER_BOX = 'filter-box';

/** The filter of the list. */
export function FilterBar() {
  const { history } = useApp();
  const filter = useObservable(history.filter);
  // Only visible on narrow pages.
  const [unfolded, setUnfolded] = useState(false);
  const { fault } = parseFilterText(filter.text);
  const chosen = choices(filter);
  return (
    <search class={`filter-bar ${unfolded ? 'unfolded' : ''}`}>
      <div class="filter-line">
        <span class="box">
          <SearchIcon />
          <input
            id={FILTER_BOX}
            type="text"
            inputMode="search"
            value={filter.text}
            placeholder="Filter by URL: text, -without, /regex/"
            aria-label="Filter by URL"
            aria-keyshortcuts="/"
            aria-invalid={fault !== undefined}
            aria-describedby="filter-fault"
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) =>
              history.filter.set({ ...filter, text: currentTarget.value })
            }
          />
          {!isEmpty(filter) && (
            <Button
              label="Clear the filter"
              icon={<CloseIcon />}
              iconOnly
              onPress={() => history.filter.set(noFilter)}
            />
          )}
        </span>
        <Button
          class="unfold"
          label={chosen > 0 ? `Filters (${chosen})` : 'Filters'}
          icon={<FilterIcon />}
          pressed={unfolded}
          onPress={() => setUnfolded(!unfolded)}
        />
        <ReceiveOnly />
      </div>
      <p id="filter-fault" class="fault" role="alert">
        {fault}
      </p>
      <FilterChoices />
    </search>
  );
}

/** Sends the filter to the proxies, which then push nothing else. */
function ReceiveOnly() {
  const app = useApp();
  const on = useObservable(app.receivingOnly);
  const filter = useObservable(app.history.filter);
  const left = viewOnlyWords(filter);
  const title = [
    'Ask the proxies to send only what passes the filter. They still record the rest, but it does not appear here.',
    ...(left.length > 0 ? [`Only the view is filtered by ${left.join(', ')}.`] : []),
  ].join('\n');
  const toggle = (wanted: boolean) => {
    const filters = wanted ? pushFiltersOf(filter) : {};
    if (wanted && asksForAll(filters)) {
      app.notices.say('Set a filter first: the proxies then send only what it matches.');
      return;
    }
    app.command({ type: 'filters', ...filters });
  };
  return (
    <label class="receive-only" title={title}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        onChange={({ currentTarget }) => {
          const wanted = currentTarget.checked;
          currentTarget.checked = on;
          toggle(wanted);
        }}
      />
      Receive only these
    </label>
  );
}
