import { useApp } from '../app.ts';
import { type Facet, toggled } from '../history/filter.ts';
import { largest } from '../history/tally.ts';
import { Button } from '../parts/button.tsx';
import { counted, formatSize } from '../parts/format.ts';
import { CloseIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { BarList } from './bar-list.tsx';
import { Timeline } from './timeline.tsx';
import { useNowAndThen } from './use-now-and-then.ts';

const LISTS: readonly (readonly [Facet, string])[] = [
  ['hosts', 'Hosts'],
  ['methods', 'Methods'],
  ['results', 'Status'],
  ['kinds', 'Types'],
  ['marks', 'Recording'],
];
const BARS = 6;

/** What is in the calls that are shown, as charts whose bars filter. */
export function Overview() {
  const { history, overview } = useApp();
  const filter = useObservable(history.filter);
  const compared = useObservable(history.compared);
  useNowAndThen(history.version);
  const { tally } = history.view;
  const total = [...tally.methods.values()].reduce((sum, value) => sum + value, 0);
  return (
    <section class="overview" aria-label="Overview">
      <header>
        <h2>Overview</h2>
        <p class="quiet">
          {counted(total, 'call')}, {formatSize(tally.bytes)}
        </p>
        <Button
          label="Close the overview"
          icon={<CloseIcon />}
          iconOnly
          onPress={() => overview.set(false)}
        />
      </header>
      <div class="charts">
        <Timeline seconds={tally.seconds} />
        {LISTS.filter(([facet]) => facet !== 'marks' || compared).map(([facet, title]) => (
          <BarList
            key={facet}
            facet={facet}
            title={title}
            total={total}
            chosen={filter[facet]}
            {...largest(tally[facet], filter[facet], BARS)}
            onToggle={(word) => history.filter.set(toggled(history.filter.get(), facet, word))}
          />
        ))}
      </div>
    </section>
  );
}
