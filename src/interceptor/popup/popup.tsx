import type { Settings } from '../settings.ts';
import { FilterFields } from './filter-fields.tsx';
import { LinkStatus } from './link-status.tsx';
import { PairingForm } from './pairing-form.tsx';
import { Switch } from './switch.tsx';
import { useWorker } from './use-worker.ts';

/** The popup of the extension. */
export function Popup() {
  const [state, send] = useWorker();
  if (state === undefined) return null;
  if (state.link.kind === 'unpaired') {
    return (
      <main>
        <h1>pmproxy Interceptor</h1>
        <PairingForm
          notice={state.notice}
          onPair={(code, port) => send({ type: 'pair', code, port })}
        />
      </main>
    );
  }
  const { settings } = state;
  const set = (change: Partial<Settings>) =>
    send({ type: 'settings', settings: { ...settings, ...change } });
  return (
    <main>
      <header>
        <h1>pmproxy Interceptor</h1>
        <Switch label="Capture" checked={settings.on} onChange={(on) => set({ on })} />
      </header>
      <LinkStatus state={state} />
      {state.notice && (
        <p class="fault" role="alert">
          {state.notice}
        </p>
      )}
      <FilterFields filter={settings.filter} onChange={(filter) => set({ filter })} />
      <section aria-label="More">
        <Switch
          label="Response bodies"
          hint="The browser shows a bar while tabs are debugged."
          checked={settings.bodies}
          onChange={(bodies) => set({ bodies })}
        />
        <Switch
          label="Cookies"
          hint="The page of the client may read and write cookies."
          checked={settings.cookies}
          onChange={(cookies) => set({ cookies })}
        />
      </section>
      <footer>
        <button type="button" onClick={() => send({ type: 'unpair' })}>
          Unpair
        </button>
      </footer>
    </main>
  );
}
