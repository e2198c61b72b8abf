import type {
  Collection,
  CollectionEvent,
  Example,
  Item,
  Socket,
  Variable,
} from '../collection.ts';
import type { Header } from '../exchange.ts';
import { resolver } from './resolving.ts';
import { enabled, sentUrl } from './url.ts';

/** Selects requests and answers, as for a recording. */
export type ItemFilter = {
  acceptsRequest(method: string, url: string): boolean;
  acceptsResponse(
    url: string,
    response: { readonly status: number; readonly headers: readonly Header[] } | undefined,
  ): boolean;
};

export type FilterOptions = {
  readonly filter: ItemFilter;
  /** The values of variables, which URLs may contain. */
  readonly environment: ReadonlyMap<string, string>;
  /** Called at the end of each reading with the number of items left out. */
  readonly onFiltered: (count: number) => void;
};

/**
 * The selected items of a collection, and the folders that still contain one. Items are selected by their request, and
 * examples by their answer. An item that loses all of its examples is left out.
 */
export function filteredCollection(collection: Collection, options: FilterOptions): Collection {
  return { read: () => wantedEvents(collection, options) };
}

type Owner = { readonly variables: readonly Variable[] };

async function* wantedEvents(
  collection: Collection,
  options: FilterOptions,
): AsyncGenerator<CollectionEvent> {
  /** Folders that have begun but are not written yet, because they may turn out to be empty. */
  const waiting: CollectionEvent[] = [];
  const owners: Owner[] = [];
  let filtered = 0;
  let open: { readonly item: Item; readonly examples: Example[] } | undefined;
  for await (const event of collection.read()) {
    switch (event.kind) {
      case 'begin':
        owners.push(event.head);
        yield event;
        break;
      case 'folder':
        owners.push(event.folder);
        waiting.push(event);
        break;
      case 'item':
        open = { item: event.item, examples: [] };
        break;
      case 'socket':
        if (isWanted(event.socket, owners, options)) {
          yield* waiting.splice(0);
          yield event;
        } else filtered += 1;
        break;
      case 'example':
        open?.examples.push(event.example);
        break;
      case 'end': {
        if (open === undefined) {
          owners.pop();
          if (waiting.pop() === undefined) yield event;
          break;
        }
        const wanted = wantedExamples(open, owners, options);
        if (wanted === undefined) filtered += 1;
        else {
          yield* waiting.splice(0);
          yield { kind: 'item', item: open.item };
          for (const example of wanted) yield { kind: 'example', example };
          yield event;
        }
        open = undefined;
        break;
      }
      case 'finish':
        options.onFiltered(filtered);
        yield event;
    }
  }
}

/** A WebSocket is opened by a GET (RFC 6455, 4.1); filters name its URL with `http`. */
function isWanted(
  { url: written }: Socket,
  owners: readonly Owner[],
  { filter, environment }: FilterOptions,
): boolean {
  const variables = owners.flatMap((owner) => owner.variables);
  const url = addressOf(resolver(variables, environment)(sentUrl(written)));
  const address = url.replace(/^ws/i, 'http');
  return filter.acceptsRequest('GET', address) && filter.acceptsResponse(address, undefined);
}

/** The selected examples of an item; undefined if the item is not selected. */
function wantedExamples(
  { item, examples }: { readonly item: Item; readonly examples: readonly Example[] },
  owners: readonly Owner[],
  { filter, environment }: FilterOptions,
): readonly Example[] | undefined {
  const variables = [...owners, item].flatMap((owner) => owner.variables);
  const url = addressOf(resolver(variables, environment)(sentUrl(item.request.url)));
  if (!filter.acceptsRequest(item.request.method, url)) return undefined;
  if (examples.length === 0) return filter.acceptsResponse(url, undefined) ? [] : undefined;
  const wanted = examples.filter(({ code = 200, headers }) => {
    const lines = enabled(headers).map(({ key, value }): Header => [key ?? '', value ?? '']);
    return filter.acceptsResponse(url, { status: code, headers: lines });
  });
  return wanted.length === 0 ? undefined : wanted;
}

/** A URL without a scheme uses `http`. */
function addressOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/|^\{\{|^$/i.test(url) ? url : `http://${url}`;
}
