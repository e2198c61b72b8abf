import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { counted } from '../parts/format.ts';
import { useObservable } from '../parts/use-observable.ts';

/** The lines below the toolbar: problems, pending calls and questions. */
export function Banners() {
  return (
    <div class="banners">
      <Offline />
      <Paused />
      <Clearing />
    </div>
  );
}

function Offline() {
  const { link } = useApp();
  const state = useObservable(link.state);
  if (state.kind === 'online' || state.kind === 'connecting') return null;
  return (
    <div class="banner warning" role="alert">
      <p>
        {state.kind === 'refused'
          ? 'This page has lost its access to pmproxy: open the address that pmproxy printed when it started.'
          : 'No connection to pmproxy.'}{' '}
        <Countdown until={state.until} />
      </p>
      <Button label="Try now" onPress={link.retry} />
    </div>
  );
}

function Countdown({ until }: { readonly until: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(1, Math.ceil((until - now) / 1000));
  // A screen reader must not read this every second.
  return <span aria-hidden="true">Trying again in {seconds} s.</span>;
}

function Paused() {
  const { history } = useApp();
  const paused = useObservable(history.paused);
  useObservable(history.version);
  if (!paused) return null;
  const { waiting } = history.view;
  return (
    <div class="banner">
      <p>
        Paused. {waiting === 0 ? 'Nothing new.' : `${counted(waiting, 'new call')} to be shown.`}
      </p>
      <Button label="Go on" onPress={() => history.paused.set(false)} />
    </div>
  );
}

function Clearing() {
  const app = useApp();
  const clearing = useObservable(app.clearing);
  return clearing ? <ClearQuestion /> : null;
}

function ClearQuestion() {
  const app = useApp();
  const question = useRef<HTMLDivElement>(null);
  // Enter gives the harmless answer as soon as the question appears.
  useLayoutEffect(() => question.current?.querySelector<HTMLElement>('.keep')?.focus(), []);
  const close = () => app.clearing.set(false);
  const known = app.history.rows.all.length;
  const clear = () => {
    app.command({ type: 'clear' });
    close();
  };
  return (
    <div ref={question} class="banner" role="alertdialog" aria-label="Clear the history">
      <p>
        Forget {known === 0 ? 'all calls' : counted(known, 'call')}, on every page? Collections
        stay.
      </p>
      <Button label="Clear" kind="danger" onPress={clear} />
      <Button class="keep" label="Keep" onPress={close} />
    </div>
  );
}
