import { copyText } from '../actions.ts';
import { useApp } from '../app.ts';
import { noFilter } from '../history/filter.ts';
import { Button } from '../parts/button.tsx';
import { counted } from '../parts/format.ts';
import { useObservable } from '../parts/use-observable.ts';

/** The text in place of an empty list. */
export function Emptiness() {
  const { history } = useApp();
  const loading = useObservable(history.loading);
  const known = history.rows.all.length;
  if (history.view.scanning) return <div class="emptiness">Looking…</div>;
  if (known > 0 && history.view.waiting === 0) {
    return (
      <div class="emptiness">
        <h2>No call matches</h2>
        <p>The filter hides {known === 1 ? 'the only call' : `all ${counted(known, 'call')}`}.</p>
        <Button label="Clear the filter" onPress={() => history.filter.set(noFilter)} />
      </div>
    );
  }
  if (known > 0) return null;
  if (loading) return <div class="emptiness">Reading the history…</div>;
  return <Invitation />;
}

function Invitation() {
  const { client } = useApp();
  const state = useObservable(client);
  const proxies = state?.sessions.filter(({ online, proxy }) => online && proxy) ?? [];
  return (
    <div class="emptiness">
      <h2>No calls yet</h2>
      {proxies.length === 0 ? (
        <>
          <p>Start a proxy that sends its calls here:</p>
          <Command text={state?.command ?? 'pmproxy sync'} />
          <p>
            or record one program: <code>{state?.command ?? 'pmproxy sync'} -- curl https://…</code>
          </p>
        </>
      ) : (
        <>
          <p>Send traffic through the proxy, and it appears here:</p>
          {proxies.map(({ id, proxy = '' }) => (
            <Command key={id} text={`curl -x ${proxy} https://example.com`} />
          ))}
          <p>
            For HTTPS, programs must trust the certificate authority: <code>pmproxy ca</code>
          </p>
        </>
      )}
      {state?.connected === false && (
        <p class="warning">
          Disconnected: proxies keep recording, and hold their calls until Connect.
        </p>
      )}
    </div>
  );
}

function Command({ text }: { readonly text: string }) {
  const app = useApp();
  return (
    <p class="command">
      <code>{text}</code>
      <Button label="Copy" onPress={() => void copyText(app, text)} />
    </p>
  );
}
