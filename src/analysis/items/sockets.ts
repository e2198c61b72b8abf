import type { CollectionEvent, Parameter, Socket, SocketMessage } from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import type { Exchange, Header, Recording } from '../../exchange.ts';
import { parseTarget } from '../../http/target.ts';
import { redactFrame } from '../../secrets/redact/body.ts';
import type { Survey, Upgraded } from '../survey/survey.ts';
import { isFraming, requestHeaders } from './headers.ts';
import type { ItemContext } from './item.ts';
import { clientMessages } from './socket-messages.ts';
import { itemUrl } from './url.ts';

/** Whether a connection that left HTTP is a WebSocket whose messages were recorded. */
export function isSocket({ messages }: Upgraded): boolean {
  return messages !== undefined;
}

/**
 * The WebSockets of a recording, one item for each address, in order of first arrival. An address is the URL without the
 * secret values of its query, because tickets differ each time; with `--shape endpoints`, without its query. The item has
 * the headers of the first handshake and the distinct messages of all clients.
 */
export async function* socketEvents(
  recording: Recording,
  { upgraded }: Survey,
  context: ItemContext,
): AsyncGenerator<CollectionEvent> {
  for (const places of placesByAddress(upgraded.filter(isSocket), context)) {
    const messages = clientMessages();
    let first: Exchange | undefined;
    for await (const exchange of recording.read(places)) {
      first ??= exchange;
      if (exchange.webSocket?.cut) messages.cut();
      for await (const message of exchange.webSocket?.messages() ?? [])
        messages.see(message, (one) => redactFrame(one, context.secrets));
    }
    if (first !== undefined)
      yield { kind: 'socket', socket: recordedSocket(first, messages.finish(), context) };
  }
}

function placesByAddress(
  sockets: readonly Upgraded[],
  { options, secrets }: ItemContext,
): Iterable<readonly number[]> {
  const known = new Map<string, number[]>();
  for (const { url, place } of sockets) {
    const address = addressOf(url, options.shape === 'endpoints', secrets);
    const key = options.dedupe ? address : `${place}`;
    const places = known.get(key);
    if (places === undefined) known.set(key, [place]);
    else places.push(place);
  }
  return known.values();
}

function addressOf(
  url: string,
  withoutQuery: boolean,
  { isIn }: Pick<ItemContext['secrets'], 'isIn'>,
): string {
  const mark = url.indexOf('?');
  if (mark < 0) return url;
  if (withoutQuery) return url.slice(0, mark);
  const pairs = url.slice(mark + 1).split('&');
  const shown = pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return isIn(name, value.join('=')) ? name : pair;
  });
  return `${url.slice(0, mark)}?${shown.join('&')}`;
}

/** The item. Its host is written out: the variables of hosts have `http` or `https` in their values. */
function recordedSocket(
  exchange: Exchange,
  { messages, note }: { readonly messages: readonly SocketMessage[]; readonly note?: string },
  { options, secrets, inPart, uniqueId }: ItemContext,
): Socket {
  const { request } = exchange;
  const address = inPart('url', exchange).url(request.url).replace(/^http/, 'ws');
  const target = parseTarget(address);
  const url = itemUrl(target, NO_HOSTS);
  const notes = [
    ...subprotocolNote(request.headers, secrets),
    ...(note === undefined ? [] : [note]),
  ];
  const { restrictedHeaders } = options;
  const headers = requestHeaders(
    request.headers,
    { restrictedHeaders, ownContentType: false },
    secrets,
  );
  return {
    id: uniqueId(contentId('socket', url.raw)),
    name: `WS ${target.path === '' ? '/' : target.path}`,
    url,
    headers: headers.filter(isOwn),
    messages,
    ...(notes.length === 0 ? {} : { description: notes.join('\n\n') }),
  };
}

/** Some servers refuse a client that does not ask for their subprotocol (RFC 6455, 1.9). */
function subprotocolNote(headers: readonly Header[], secrets: ItemContext['secrets']): string[] {
  const lines = headers.filter(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  if (lines.length === 0) return [];
  const asked = lines.map((line) => secrets.header(line)[1]).join(', ');
  return [`The client asked for the subprotocol: ${asked}`];
}

const NO_HOSTS: ReadonlyMap<string, string> = new Map();

/** Headers of the handshake and of the connection are made anew each time (RFC 6455, 4.1). */
function isOwn({ key }: Parameter): boolean {
  const name = (key ?? '').toLowerCase();
  return !isFraming(name) && !/^(?:sec-websocket|proxy)-|^te$/.test(name);
}
