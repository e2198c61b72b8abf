import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app.ts';
import type { LinkState } from '../link/link.ts';
import { counted, formatCount, formatSize } from '../parts/format.ts';
import { useObservable } from '../parts/use-observable.ts';
import { visible } from '../parts/visible-text.ts';

const LINK_WORDS: Readonly<Record<LinkState['kind'], string>> = {
  connecting: 'Connecting',
  online: 'Live',
  waiting: 'Offline',
  refused: 'Refused',
};

/** The number of calls, the proxies that push them, and the state of the connection. */
export function StatusBar() {
  const { history, client, link } = useApp();
  useObservable(history.version);
  const loading = useObservable(history.loading);
  const state = useObservable(client);
  const { kind } = useObservable(link.state);
  const known = history.rows.all.length;
  const { length, running, waiting, tally } = history.view;
  const shown = length - running + waiting;
  const counts =
    shown === known ? counted(known, 'call') : `${formatCount(shown)} of ${counted(known, 'call')}`;
  return (
    <footer class="status-bar">
      <span class={`link ${kind === 'online' ? 'good' : 'held'}`}>{LINK_WORDS[kind]}</span>
      <span class="counts">
        {counts}, {formatSize(tally.bytes)}
        {running > 0 && `, ${formatCount(running)} running`}
        {loading && kind === 'online' && ' …'}
      </span>
      <span class="sessions">
        {state?.sessions.map(({ id, name, online, proxy }) => (
          <span key={id} class={online ? 'good' : 'idle'} title={proxy && `Proxy: ${proxy}`}>
            {visible(name)}
            {online ? '' : ' (ended)'}
          </span>
        ))}
      </span>
      {state?.target !== undefined && (
        <span class="writing" title={state.folder}>
          Writing to “{state.target}”
        </span>
      )}
      {state && <span class="version">pmproxy {state.version}</span>}
      <Announcer />
    </footer>
  );
}

const ANNOUNCED_EVERY_MS = 10_000;

/** Announces the number of calls to screen readers from time to time. */
function Announcer() {
  const { history } = useApp();
  const [text, setText] = useState('');
  useEffect(() => {
    const say = () => {
      if (history.loading.get()) return;
      const { length, running, waiting } = history.view;
      const more = waiting === 0 ? '' : `, ${formatCount(waiting)} new`;
      setText(`${counted(length - running, 'call')}${more}`);
    };
    const timer = setInterval(say, ANNOUNCED_EVERY_MS);
    const end = history.filter.subscribe(() => setTimeout(say, 1000));
    return () => {
      clearInterval(timer);
      end();
    };
  }, [history]);
  return (
    <span class="unseen" role="status">
      {text}
    </span>
  );
}
