import { useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { counted } from '../parts/format.ts';
import {
  ChartIcon,
  CookieIcon,
  HelpIcon,
  PauseIcon,
  PlayIcon,
  TrashIcon,
} from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { TargetChoice } from './target-choice.tsx';

/** The actions for the whole history. */
export function Toolbar() {
  const app = useApp();
  const paused = useObservable(app.history.paused);
  const overview = useObservable(app.overview);
  return (
    <header class="toolbar">
      <h1>pmproxy</h1>
      <Reception />
      <Button
        label={paused ? 'Go on' : 'Pause'}
        icon={paused ? <PlayIcon /> : <PauseIcon />}
        pressed={paused}
        keys="p"
        class="foldable"
        title={
          paused
            ? 'Show the calls that arrived in the meantime'
            : 'Pause the list; arriving calls are counted'
        }
        onPress={() => app.history.paused.set(!paused)}
      />
      <Button
        label="Clear"
        icon={<TrashIcon />}
        class="foldable"
        title="Delete all calls"
        onPress={() => app.clearing.set(true)}
      />
      <TargetChoice />
      <span class="spring" />
      <SharedCookies />
      <Button
        label="Overview"
        icon={<ChartIcon />}
        pressed={overview}
        class="foldable"
        title="Charts of the calls shown"
        keys="o"
        onPress={() => app.overview.set(!overview)}
      />
      <Button
        class="help"
        label="Keys"
        icon={<HelpIcon />}
        iconOnly
        keys="?"
        onPress={() => app.dialog.set({ kind: 'help' })}
      />
    </header>
  );
}

/** Opens the cookies of the browser, where the Interceptor shares them. */
function SharedCookies() {
  const app = useApp();
  if (useObservable(app.client)?.sharesCookies !== true) return null;
  return (
    <Button
      label="Cookies"
      icon={<CookieIcon />}
      title="Read and write the cookies of the browser"
      onPress={() => app.dialog.set({ kind: 'cookies' })}
    />
  );
}

/** Shows whether proxies push, with the button that changes it. */
function Reception() {
  const app = useApp();
  const client = useObservable(app.client);
  const link = useObservable(app.link.state);
  const connected = client?.connected ?? true;
  const online = client?.sessions.filter((session) => session.online).length ?? 0;
  const text = !connected
    ? 'Disconnected'
    : online === 0
      ? 'No proxy'
      : counted(online, 'proxy', 'proxies');
  return (
    <span class="reception">
      <span
        class={`state ${connected ? (online > 0 ? 'good' : 'idle') : 'held'}`}
        title={
          connected
            ? 'Proxies send what they record as it happens'
            : 'Proxies keep recording, and hold their calls until Connect'
        }
      >
        <span class="words">{text}</span>
      </span>
      <Button
        label={connected ? 'Disconnect' : 'Connect'}
        kind={connected ? 'plain' : 'primary'}
        keys="c"
        disabled={link.kind !== 'online'}
        title={
          connected
            ? 'Stop receiving; proxies hold what they record'
            : 'Receive what proxies held, then what they record'
        }
        onPress={() => app.command({ type: connected ? 'disconnect' : 'connect' })}
      />
    </span>
  );
}
