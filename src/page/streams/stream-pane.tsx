import { useState } from 'preact/hooks';
import type { Row } from '../../sync/wire/page-events.ts';
import { useApp } from '../app.ts';
import { FactTable } from '../detail/fact-table.tsx';
import { Heading } from '../detail/heading.tsx';
import { RequestTab } from '../detail/message-tabs.tsx';
import { usePaneFocus } from '../detail/use-pane-focus.ts';
import { TabList } from '../parts/tabs.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { StreamView } from './stream-view.tsx';

type TabId = 'parts' | 'request' | 'response';

/** What the parts of a stream are called. */
const PARTS = { events: 'Events', socket: 'Messages', grpc: 'Messages', lines: 'Lines' } as const;

type Props = {
  readonly row: Row;
  /** Whether the pane covers the rest of the page. */
  readonly covers: boolean;
  readonly onClose: () => void;
};

/** The details of a stream that runs. */
export function StreamPane({ row: given, covers, onClose }: Props) {
  const { followed, history } = useApp();
  useObservable(history.version);
  const row = history.streams.get(given.n) ?? given;
  const version = useObservable(followed.version);
  const [chosen, setChosen] = useState<TabId>('parts');
  const pane = usePaneFocus(covers);
  const { entry, log } = followed;
  const name = PARTS[row.stream?.kind ?? 'socket'];
  return (
    <section ref={pane} class="detail" aria-label="Details">
      <Heading row={row} url={entry?.request.url ?? row.url} onClose={onClose} />
      <TabList
        label="Parts of the call"
        tabs={[
          { id: 'parts', name },
          { id: 'request', name: 'Request' },
          { id: 'response', name: 'Response' },
        ]}
        chosen={chosen}
        onChoose={setChosen}
      />
      <div
        class="panel"
        role="tabpanel"
        id="tab-panel"
        aria-labelledby={`tab-${chosen}`}
        aria-busy={entry === undefined}
      >
        {chosen === 'parts' && (
          <StreamView key={row.n} log={log} label={name} version={version} stream={row.stream} />
        )}
        {chosen === 'request' && entry && <RequestTab entry={entry} />}
        {chosen === 'response' && entry && (
          <FactTable title="Headers" facts={entry.response.headers} />
        )}
      </div>
    </section>
  );
}
