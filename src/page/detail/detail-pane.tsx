import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { HarEntry, Row } from '../../sync/wire/page-events.ts';
import { copyCurl, copyText, exportHar } from '../actions.ts';
import { useApp } from '../app.ts';
import { resultOf, sizeText } from '../history/traits.ts';
import { Button } from '../parts/button.tsx';
import { formatDuration } from '../parts/format.ts';
import {
  BackIcon,
  CloseIcon,
  CommandIcon,
  CopyIcon,
  DownloadIcon,
  SaveIcon,
} from '../parts/icons.tsx';
import { type Tab, TabList } from '../parts/tabs.tsx';
import { Text } from '../parts/text.tsx';
import { CookiesTab } from './cookies-tab.tsx';
import { RequestTab, ResponseTab } from './message-tabs.tsx';
import { MessagesTab } from './messages-tab.tsx';
import { TimingsTab } from './timings-tab.tsx';
import { useEntry } from './use-entry.ts';

type TabId = 'request' | 'response' | 'cookies' | 'timings' | 'messages';

const TABS: readonly Tab<TabId>[] = [
  { id: 'request', name: 'Request' },
  { id: 'response', name: 'Response' },
  { id: 'cookies', name: 'Cookies' },
  { id: 'timings', name: 'Timings' },
];
const SOCKET_TABS: readonly Tab<TabId>[] = [{ id: 'messages', name: 'Messages' }, ...TABS];

type Props = {
  readonly row: Row;
  /** Whether the pane covers the rest of the page. */
  readonly covers: boolean;
  readonly onClose: () => void;
};

/** The details of one call. */
export function DetailPane({ row, covers, onClose }: Props) {
  const [wanted, setWanted] = useState<TabId>('response');
  const loaded = useEntry(row.n);
  const tabs = row.messages === undefined ? TABS : SOCKET_TABS;
  const chosen = tabs.some(({ id }) => id === wanted) ? wanted : 'response';
  // Until the entry has arrived, the panel shows the previous one.
  const isHere = loaded.kind !== 'loading' && loaded.n === row.n;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.scrollTo({ top: 0 }), [row.n, chosen]);
  const pane = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (covers) pane.current?.querySelector<HTMLElement>('.back')?.focus();
  }, [covers]);
  return (
    <section ref={pane} class="detail" aria-label="Details">
      <Heading
        row={row}
        url={loaded.kind === 'loaded' && isHere ? loaded.entry.request.url : row.url}
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

// Rows have long URLs with an ellipsis, the entry has the whole URL.
function Heading({ row, url, onClose }: Omit<Props, 'covers'> & { readonly url: string }) {
  return (
    <header class="heading">
      <div class="heading-bar">
        <Button class="back" label="Back" icon={<BackIcon />} keys="Escape" onPress={onClose} />
        <p class={`facts result-${resultOf(row)}`}>
          <span class={`method method-${row.method.toLowerCase()}`}>
            <Text value={row.method} />
          </span>
          <span class="status">{row.outcome === 'completed' ? row.status : row.outcome}</span>
          <span>{formatDuration(row.durationMs)}</span>
          <span>{sizeText(row)}</span>
        </p>
        <Actions row={row} url={url} />
        <Button
          class="close"
          label="Close"
          icon={<CloseIcon />}
          iconOnly
          keys="Escape"
          onPress={onClose}
        />
      </div>
      <p class="url">
        <Text value={url} />
      </p>
      {row.fault !== undefined && (
        <p class="fault">
          <Text value={row.fault} />
        </p>
      )}
    </header>
  );
}

function Actions({ row, url }: { readonly row: Row; readonly url: string }) {
  const app = useApp();
  return (
    <>
      <Button
        label="Copy URL"
        icon={<CopyIcon />}
        iconOnly
        onPress={() => void copyText(app, url, 'URL copied')}
      />
      <Button
        label="Copy as curl"
        icon={<CommandIcon />}
        iconOnly
        onPress={() => void copyCurl(app, [row.n])}
      />
      <Button
        label="Save to a collection"
        icon={<SaveIcon />}
        iconOnly
        onPress={() => app.dialog.set({ kind: 'save', rows: [row.n] })}
      />
      <Button
        label="Export HAR"
        icon={<DownloadIcon />}
        iconOnly
        onPress={() => void exportHar(app, [row.n])}
      />
    </>
  );
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
    case 'messages':
      return <MessagesTab messages={entry._webSocketMessages ?? []} count={row.messages ?? 0} />;
  }
}
