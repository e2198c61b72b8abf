import type { App } from './app.ts';
import { formatCount } from './parts/format.ts';

/** Shows the number of calls in the document's title, for tabs in the background. */
export function countInTitle({ history, client }: App): void {
  const update = () => {
    const { length } = history.rows.all;
    const held = client.get()?.connected === false ? '⏸ ' : '';
    document.title = `${held}${length === 0 ? '' : `(${formatCount(length)}) `}pmproxy`;
  };
  history.version.subscribe(update);
  client.subscribe(update);
}
