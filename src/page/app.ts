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
import { type Followed, makeFollowed } from './streams/followed.ts';

/** A modal dialog. */
type Dialog =
  | { readonly kind: 'help' }
  /** The cookies of a browser that shares them. */
  | { readonly kind: 'cookies' }
  /** What the collection will be used for. */
  | { readonly kind: 'target' }
  | { readonly kind: 'save'; readonly rows: readonly number[] }
  /** Text that could not be copied to the clipboard. */
  | { readonly kind: 'copy'; readonly text: string };

/** The state that the components share. */
export type App = {
  readonly history: History;
  readonly selection: Selection;
  /** The stream whose details are open. */
  readonly followed: Followed;
  readonly notices: Notices;
  readonly link: Link;
  /** The state that the client has sent; undefined until it has. */
  readonly client: Observable<ClientState | undefined>;
  readonly dialog: Observable<Dialog | undefined>;
  /** Whether the overview is shown. */
  readonly overview: Observable<boolean>;
  /** Whether the question about clearing the history is shown. */
  readonly clearing: Observable<boolean>;
  /** Whether proxies push only what passes the filter. */
  readonly receivingOnly: Observable<boolean>;
  /** Sends a command, or shows a notice that there is no connection. */
  command(command: PageCommand): void;
};

const FOLLOWS_MS = 300;
/** After this pause in typing, the filter is sent. */
const TYPED_MS = 400;

/** Creates the state of the page and connects it with the client that served the page. */
export function startApp(schedule: Schedule): App {
  const history = makeHistory(schedule);
  const selection = makeSelection();
  const followed = makeFollowed(schedule.frame);
  const notices = makeNotices();
  const client = observable<ClientState | undefined>(undefined);
  const receivingOnly = observable(false);

  const clear = (through: number) => {
    // After most changes of the state, no row needs to be removed.
    if (history.clear(through)) selection.clear(through);
  };
  const receive = (event: HubEvent) => {
    if (event.type === 'rows') history.receive(event.rows, event.more === true);
    else if (event.type === 'streams') history.receiveStreams(event);
    else if (event.type === 'stream') followed.begin(event.n, event.entry);
    else if (event.type === 'parts') followed.receive(event.n, event.before, event.parts);
    else if (event.type === 'cleared') clear(event.through);
    else if (event.type === 'saved') notices.say(savedText(event));
    else if (event.type === 'failure') notices.fail(event.message);
    else {
      const before = client.get()?.history;
      if (before !== undefined && before !== event.state.history) forget();
      else clear(event.state.clearedThrough);
      client.set(event.state);
      // If there are rows, they follow at once.
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
  history.onGone = ({ n, becomes }) => selection.replace(n, becomes);
  const follow = () => {
    const { n } = followed;
    link.send({ type: 'follow', ...(n !== undefined && { stream: n }) });
  };
  selection.opened.subscribe(() => {
    const n = selection.opened.get();
    const stream = n !== undefined && n < 0 ? n : undefined;
    if (stream === followed.n) return;
    followed.follow(stream);
    follow();
  });
  link.state.subscribe(() => {
    // After a reconnect, the client must be asked again.
    if (link.state.get().kind === 'online' && followed.n !== undefined) follow();
  });
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
    followed,
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

/** The app of a component. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('outside of the app');
  return app;
}
