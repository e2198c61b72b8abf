import type { PopupState } from '../popup-messages.ts';

/** The connection to the client and the number of calls. */
export function LinkStatus({ state }: { readonly state: PopupState }) {
  const { captured, held, dropped } = state;
  const [kind, words] = statusOf(state);
  return (
    <section class="status" aria-label="Status">
      <p class={`link ${kind}`} role="status">
        {words}
      </p>
      <p>
        <strong class="count">{captured.toLocaleString('en')}</strong>{' '}
        {captured === 1 ? 'call' : 'calls'} captured
        {held > 0 && `, ${held.toLocaleString('en')} held`}
      </p>
      {dropped > 0 && (
        <p class="fault">
          {dropped.toLocaleString('en')} of the oldest were dropped: too many were held.
        </p>
      )}
    </section>
  );
}

function statusOf({ link, port, settings }: PopupState): readonly [kind: string, words: string] {
  switch (link.kind) {
    case 'connected':
      return ['good', `Connected to the client on port ${port}`];
    case 'paused':
      return ['warn', 'The client is disconnected in its page. Calls are held.'];
    case 'away':
      return ['warn', settings.on ? `${link.reason} Calls are held.` : link.reason];
    case 'connecting':
      return ['quiet', `Connecting to port ${port}`];
    default:
      return ['quiet', 'Off'];
  }
}
