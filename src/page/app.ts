import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ClientState, HubEvent, PageCommand } from '../sync/wire/page-events.ts';
import { type History, makeHistory, type Schedule } from './history/history.ts';
import { asksForAll, pushFiltersOf } from './history/push-filters.ts';
import { type Link, openLink } from './link/link.ts';
import { makeNotices, type Notices } from './notices.ts';
import { type Observable, observable } from './observable.ts';
import { counted } from './parts/format.ts';
import { makeSelection, type Selection } from './selection.ts';

/** A question or a page of help in front of everything else. */
type Dialog =
  | { readonly kind: 'help' }
  /** For what a collection's name is asked. */
  | { readonly kind: 'target' }
  | { readonly kind: 'save'; readonly rows: readonly number[] }
  /** Text that could not be put on the clipboard. */
  | { readonly kind: 'copy'; readonly text: string };

/** All that the page's parts share. */
export type App = {
  readonly history: History;
  readonly selection: Selection;
  readonly notices: Notices;
  readonly link: Link;
  /** What the hub says of itself; undefined until it has. */
  readonly client: Observable<ClientState | undefined>;
  readonly dialog: Observable<Dialog | undefined>;
  /** The overview is shown. */
  readonly overview: Observable<boolean>;
  /** It is asked whether to clear. */
  readonly clearing: Observable<boolean>;
  /** The proxies are asked for no more than the filter lets through. */
  readonly receivingOnly: Observable<boolean>;
  /** Sends a command, or says that there is no connection. */
  command(command: PageCommand): void;
};

const FOLLOWS_MS = 300;
/** Whoever pauses this long has typed what they wanted. */
const TYPED_MS = 400;

/** Puts the page's parts together and connects them with the hub. */
export function startApp(schedule: Schedule): App {
  const history = makeHistory(schedule);
  const selection = makeSelection();
  const notices = makeNotices();
  const client = observable<ClientState | undefined>(undefined);
  const receivingOnly = observable(false);

  const clear = (through: number) => {
    // After most changes of the state, nothing of it is held.
    if (history.clear(through)) selection.clear(through);
  };
  const receive = (event: HubEvent) => {
    if (event.type === 'rows') history.receive(event.rows, event.more === true);
    else if (event.type === 'cleared') clear(event.through);
    else if (event.type === 'saved') notices.say(savedText(event));
    else if (event.type === 'failure') notices.fail(event.message);
    else {
      const before = client.get()?.history;
      if (before !== undefined && before !== event.state.history) forget();
      else clear(event.state.clearedThrough);
      client.set(event.state);
      // Rows follow at once where there are any.
      setTimeout(() => history.settle(), FOLLOWS_MS);
      receivingOnly.set(!asksForAll(event.state.filters));
    }
  };
  const forget = () => {
    clear(Number.POSITIVE_INFINITY);
    history.rows.restart();
  };
  const start = (): PageCommand => {
    const known = client.get()?.history;
    return {
      type: 'start',
      after: history.rows.last,
      ...(known !== undefined && { history: known }),
    };
  };
  const link = openLink(start, receive);
  const command = (one: PageCommand) => {
    if (!link.send(one)) notices.fail('Not connected to pmproxy.');
  };
  let typing: ReturnType<typeof setTimeout> | undefined;
  history.filter.subscribe(() => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      if (receivingOnly.get()) command({ type: 'filters', ...pushFiltersOf(history.filter.get()) });
    }, TYPED_MS);
  });
  return {
    history,
    selection,
    notices,
    link,
    client,
    receivingOnly,
    dialog: observable<Dialog | undefined>(undefined),
    overview: observable(false),
    clearing: observable(false),
    command,
  };
}

function savedText({ collection, added }: { collection: string; added: number }): string {
  return `${counted(added, 'call')} added to “${collection}”`;
}

export const AppContext = createContext<App | undefined>(undefined);

/** The app that the component is part of. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('outside of the app');
  return app;
}
