import { useEffect, useRef, useState } from 'preact/hooks';
import type { HarEntry, Row } from '../../sync/wire/page-events.ts';
import { type Tab, TabList } from '../parts/tabs.tsx';
import { hasCall } from './call.ts';
import { CallTab } from './call-tab.tsx';
import { CookiesTab } from './cookies-tab.tsx';
import { EventsTab, hasEvents } from './events-tab.tsx';
import { Heading } from './heading.tsx';
import { RequestTab, ResponseTab } from './message-tabs.tsx';
import { MessagesTab } from './messages-tab.tsx';
import { TimingsTab } from './timings-tab.tsx';
import { type Loaded, useEntry } from './use-entry.ts';
import { usePaneFocus } from './use-pane-focus.ts';

type TabId = 'request' | 'response' | 'cookies' | 'timings' | 'messages' | 'events' | 'call';

const TABS: readonly Tab<TabId>[] = [
  { id: 'request', name: 'Request' },
  { id: 'response', name: 'Response' },
  { id: 'cookies', name: 'Cookies' },
  { id: 'timings', name: 'Timings' },
];
const SOCKET_TABS: readonly Tab<TabId>[] = [{ id: 'messages', name: 'Messages' }, ...TABS];

const CALL_TABS: readonly Tab<TabId>[] = [{ id: 'call', name: 'Messages' }, ...TABS];
const EVENT_TABS: readonly Tab<TabId>[] = [{ id: 'events', name: 'Events' }, ...TABS];

type Props = {
  readonly row: Row;
  /** Whether the pane covers the rest of the page. */
  readonly covers: boolean;
  readonly onClose: () => void;
};

/** The details of one call. */
export function DetailPane({ row, covers, onClose }: Props) {
  const [wanted, setWanted] = useState<TabId | undefined>(undefined);
  const loaded = useEntry(row.n);
  const tabs = tabsOf(row, loaded);
  const given = wanted ?? (tabs === TABS ? 'response' : tabs[0]?.id);
  const chosen = tabs.find(({ id }) => id === given)?.id ?? 'response';
  // Until the entry has arrived, the panel shows the previous one.
  const isHere = loaded.kind !== 'loading' && loaded.n === row.n;
  const entry = loaded.kind === 'loaded' && isHere ? loaded.entry : undefined;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.scrollTo({ top: 0 }), [row.n, chosen]);
  const pane = usePaneFocus(covers);
  return (
    <section ref={pane} class="detail" aria-label="Details">
      <Heading
        row={row}
        url={entry?.request.url ?? row.url}
        marks={entry?._marks}
        onClose={onClose}
      />
      <TabList label="Parts of the call" tabs={tabs} chosen={chosen} onChoose={setWanted} />
      <div
        ref={panel}
        class="panel"
        role="tabpanel"
        id="tab-panel"
        aria-labelledby={`tab-${chosen}`}
        aria-busy={!isHere}
      >
        {loaded.kind === 'loading' && <p class="quiet">Reading…</p>}
        {loaded.kind === 'failed' && <p class="fault">{loaded.reason}</p>}
        {loaded.kind === 'loaded' && (
          <Content key={loaded.n} entry={loaded.entry} row={row} tab={chosen} />
        )}
      </div>
    </section>
  );
}

function tabsOf({ messages }: Row, loaded: Loaded): readonly Tab<TabId>[] {
  if (messages !== undefined) return SOCKET_TABS;
  if (loaded.kind === 'loaded' && hasCall(loaded.entry)) return CALL_TABS;
  return loaded.kind === 'loaded' && hasEvents(loaded.entry) ? EVENT_TABS : TABS;
}

type ContentProps = { readonly entry: HarEntry; readonly row: Row; readonly tab: TabId };

function Content({ entry, row, tab }: ContentProps) {
  switch (tab) {
    case 'request':
      return <RequestTab entry={entry} />;
    case 'response':
      return <ResponseTab entry={entry} />;
    case 'cookies':
      return <CookiesTab entry={entry} />;
    case 'timings':
      return <TimingsTab entry={entry} row={row} />;
    case 'call':
      return <CallTab entry={entry} />;
    case 'events':
      return <EventsTab entry={entry} />;
    case 'messages':
      return <MessagesTab messages={entry._webSocketMessages ?? []} count={row.messages ?? 0} />;
  }
}
