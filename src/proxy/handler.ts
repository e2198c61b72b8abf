import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Header, headerValue, type Observer } from '../exchange.ts';
import { InFlight } from '../in-flight.ts';
import type { Rewriter, Rewriting } from '../rewrite/rewriter.ts';
import {
  breakOff,
  type ClientRequest,
  type ClientResponse,
  closing,
  isHttp2,
  lingerOn,
  refuse,
  sendPage,
  writeHead,
} from './answer.ts';
import type { Authority } from './authority.ts';
import {
  type ClientAccess,
  proxyChallenge,
  serverChallenge,
  withoutCredentials,
} from './client-access.ts';
import type { Clock } from './clock.ts';
import { BadRequest, type Destination, destinationOf } from './destination.ts';
import type { Context } from './front.ts';
import { joinCookieCrumbs, pairHeaders } from './headers.ts';
import { failurePage, ownPage, pageHost } from './pages.ts';
import { Relay } from './relay.ts';
import { framingOf } from './request-body.ts';
import { checkHead } from './request-head-check.ts';
import { type Reversed, type ReverseTarget, reversed } from './reverse.ts';
import type { Upstreams } from './upstream.ts';
import {
  isWebSocketHandshake,
  type OpenWebSocket,
  relayWebSocket,
  responseOn,
} from './websocket.ts';

/** What a host and port belong to: the proxy itself, its page only, a reserved place, or anything else. */
export type Whose = 'own' | 'page' | 'reserved' | 'others';

export type HandlerOptions = {
  readonly authority: Authority;
  readonly upstreams: Upstreams;
  readonly observer: Observer;
  readonly rewriter: Rewriter | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly whose: (hostname: string, port: number) => Whose | Promise<Whose>;
  /** Servers that are reached through the proxy's own address. */
  readonly targets: readonly ReverseTarget[];
  /** Access control for clients; absent: open to all. */
  readonly access: ClientAccess | undefined;
  /** The proxy's `host:port` for its own page, as clients on this connection reach it. */
  readonly address: (context: Context) => string;
  /** Called for a bug in pmproxy, which fails only the affected request. */
  readonly onBug: (error: Error) => void;
};

/** Handles the requests that the front passes on. */
export type Handler = {
  request(request: ClientRequest, response: ClientResponse, context: Context): void;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, context: Context): void;
  /** Active exchanges. */
  readonly inFlight: number;
  /** Resolves when no exchange is active, or after `graceMs`, or when `hurry` is aborted. */
  idle(graceMs: number, hurry?: AbortSignal): Promise<void>;
};

/** A WebSocket handshake, which has no response of its own until the upstream declines it. */
type Upgrade = {
  readonly socket: Socket;
  /** Bytes that followed the handshake directly. */
  readonly head: Buffer;
  /** Detaches the socket from the response prepared for a refusal. */
  readonly detach: () => void;
};

/** Makes the handler: requests to the proxy itself get its page, all others are relayed. */
export function createHandler(options: HandlerOptions): Handler {
  const { upstreams, observer, timeoutMs, clock, whose } = options;
  const passing = new InFlight<Relay>();
  let whenIdle: (() => void) | undefined;

  const over = (relay: Relay) => {
    passing.delete(relay);
    if (passing.size === 0) whenIdle?.();
  };

  function carry(
    request: ClientRequest,
    response: ClientResponse,
    context: Context,
    destination: Destination,
    received: readonly Header[],
    upgrade: Upgrade | undefined,
    answerLines?: Reversed['rewriteAnswer'],
  ): void {
    const method = request.method ?? 'GET';
    const rewriting = options.rewriter?.({ method, url: destination.url, headers: received });
    if (rewriting && rewriting.kind !== 'headers') {
      answerInPlace(response, rewriting);
      return;
    }
    const headers = rewriting?.headers ?? received;
    const tap = observer.begin({
      method,
      url: destination.url,
      httpVersion: request.httpVersion,
      headers,
      startedAt: Date.now(),
      client: context.client,
      ...(rewriting && rewriting.names.length > 0 && { rewritten: rewriting.names }),
    });
    const onOver = () => over(relay);
    const relay: Relay = new Relay({
      request,
      response,
      destination: rewriting ? withHost(destination, rewriting) : destination,
      headers,
      tap,
      upstreams,
      observer,
      timeoutMs,
      clock,
      onOver,
      rewriteAnswer: joined(rewriting?.response, answerLines),
      onUpgrade:
        upgrade &&
        openWebSocket(upgrade, destination, answerLines, {
          tap,
          observer,
          silenceMs: timeoutMs,
          onOver,
        }),
    });
    passing.add(relay);
    relay.start();
  }

  function handle(
    request: ClientRequest,
    response: ClientResponse,
    context: Context,
    upgrade?: Upgrade,
  ): void {
    try {
      checkHead(request);
      const received = pairHeaders(request.rawHeaders);
      const lines = 'stream' in request ? joinCookieCrumbs(received) : received;
      const { access } = options;
      const headers = access ? withoutCredentials(lines, access) : lines;
      const authorityHeader = 'authority' in request ? request.authority : undefined;
      const method = request.method ?? 'GET';
      const target = targetOf(request, context);
      const destination = destinationOf(method, target, headers, context.route, authorityHeader);
      const at = destination ? whose(destination.hostname, destination.port) : 'own';
      const asks = access && !isKnown(access, lines, context);
      const go = (found: Whose) => {
        if (found === 'own' || destination === undefined)
          takeIn(request, response, context, target, { lines, headers }, upgrade);
        else if (found === 'page') answerOurselves(target, response, context, lines, true);
        else if (asks) turnDown(request, response, 407, unknownClient, proxyChallenge);
        else if (found === 'reserved') turnDown(request, response, 403, reservedFor(destination));
        else carry(request, response, context, destination, headers, upgrade);
      };
      if (typeof at === 'string') go(at);
      // A name that does not resolve is not ours.
      else void at.catch((): Whose => 'others').then(safely(go, () => breakOff(response)));
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      turnDown(request, response, 400, error.message);
    }
  }

  /** Requests to the proxy itself are for a server behind it, or for its own pages. */
  function takeIn(
    request: ClientRequest,
    response: ClientResponse,
    context: Context,
    target: string,
    { lines, headers }: { readonly lines: readonly Header[]; readonly headers: readonly Header[] },
    upgrade: Upgrade | undefined,
  ): void {
    const { targets, access } = options;
    const scheme = context.route.encrypted ? 'https' : 'http';
    const authority = 'authority' in request ? request.authority : headerValue(headers, 'host');
    const called = `${scheme}://${authority || options.address(context)}`;
    const own = URL.canParse(called) ? called : `${scheme}://${options.address(context)}`;
    const method = request.method ?? 'GET';
    const found = reversed(targets, { method, target, headers, own });
    if (found === undefined) answerOurselves(target, response, context, lines, false);
    else if (
      access &&
      !isKnown(access, lines, context) &&
      !access.admits(headerValue(lines, 'authorization'))
    )
      turnDown(request, response, 401, unknownClient, serverChallenge);
    else {
      const { destination, rewriteAnswer } = found;
      carry(request, response, context, destination, found.headers, upgrade, rewriteAnswer);
    }
  }

  function answerOurselves(
    target: string,
    response: ClientResponse,
    context: Context,
    lines: readonly Header[],
    throughProxy: boolean,
  ): void {
    const path = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
    const called = headerValue(lines, 'host') ?? '';
    // As the device addresses the proxy, if that can be the proxy's address.
    const isAddress = /^[\w.-]+:\d+$|^\[[\da-f:]+\]:\d+$/i.test(called);
    const address = isAddress && !called.startsWith(pageHost) ? called : options.address(context);
    const userAgent = headerValue(lines, 'user-agent') ?? '';
    const { encrypted } = context.route;
    const page = ownPage(path, options.authority, { address, userAgent, throughProxy, encrypted });
    if (page) sendPage(response, 200, page);
    else
      sendPage(response, 404, failurePage(404, `There is nothing at ${path} on the proxy itself`));
  }

  const safely = <T extends unknown[]>(
    handler: (...args: T) => void,
    fail: (...args: T) => void,
  ) => {
    return (...args: T) => {
      try {
        handler(...args);
      } catch (error) {
        // A bug in pmproxy fails this request, never the process.
        options.onBug(error as Error);
        fail(...args);
      }
    };
  };

  return {
    request: safely(handle, (_request, response) => breakOff(response)),
    upgrade: safely(
      (request, socket, head, context) => {
        if (!isWebSocketHandshake(request) || framingOf(request) !== 'none') {
          refuse(socket, 400, 'This is not a WebSocket handshake (RFC 6455 4.2.1).');
          return;
        }
        const response = responseOn(request, socket);
        const detach = () => response.detachSocket(socket);
        handle(request, response, context, { socket, head, detach });
      },
      (_request, socket) => socket.destroy(),
    ),
    get inFlight() {
      return passing.size;
    },
    async idle(graceMs, hurry) {
      if (passing.size === 0 || graceMs <= 0 || hurry?.aborted) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(done, graceMs);
        whenIdle = done;
        hurry?.addEventListener('abort', done, { once: true });
      });
    },
  };
}

type AnswerLines = Reversed['rewriteAnswer'];

/** Applies both changes to an answer's lines, in order. */
function joined(one: AnswerLines | undefined, other: AnswerLines | undefined) {
  if (!one && !other) return undefined;
  return (headers: readonly Header[]) => {
    const changed = other?.(headers) ?? headers;
    return one?.(changed) ?? changed;
  };
}

function openWebSocket(
  upgrade: Upgrade,
  { hostname, port }: Destination,
  answerLines: AnswerLines | undefined,
  rest: Pick<OpenWebSocket, 'tap' | 'observer' | 'silenceMs' | 'onOver'>,
) {
  return (status: number, received: readonly Header[], upstream: Duplex) => {
    upgrade.detach();
    const headers = answerLines?.(received) ?? received;
    const { socket: client, head } = upgrade;
    const name = `${hostname}:${port}`;
    relayWebSocket({ client, upstream, status, headers, head, name, ...rest });
  };
}

// Outside a tunnel, HTTP/2 pseudo-headers are equivalent to absolute-form (RFC 9113 8.3.1).
function targetOf(request: ClientRequest, { route }: Context): string {
  const path = request.url ?? '';
  const whole = 'scheme' in request && route.tunnel === undefined && request.authority !== '';
  // An asterisk is an absolute-form without a path (RFC 9112 3.2.4).
  return whole ? `${request.scheme}://${request.authority}${path === '*' ? '' : path}` : path;
}

/** Answers without reading the request's body. */
function turnDown(
  request: ClientRequest,
  response: ClientResponse,
  status: number,
  message: string,
  ...extra: readonly Header[]
): void {
  if (!isHttp2(response) && framingOf(request) !== 'none') lingerOn(request);
  sendPage(response, status, failurePage(status, message), [...closing(response), ...extra]);
}

const unknownClient =
  'This proxy requires the user and password that its owner set with --proxy-auth';

// Requests in a tunnel were checked when the tunnel was opened.
function isKnown(access: ClientAccess, lines: readonly Header[], { route }: Context): boolean {
  return route.tunnel !== undefined || access.admits(headerValue(lines, 'proxy-authorization'));
}

function reservedFor({ hostname, port }: Destination): string {
  return `${hostname}:${port} is where a client of pmproxy listens, and cannot be reached through the proxy`;
}

/** Answers in the upstream's place: a preflight, or a marked header that cannot be set. */
function answerInPlace(
  response: ClientResponse,
  rewriting: Exclude<Rewriting, { kind: 'headers' }>,
): void {
  if (rewriting.kind === 'refusal') {
    sendPage(response, 400, failurePage(400, rewriting.message), rewriting.headers);
    return;
  }
  writeHead(response, rewriting.status, 'No Content', rewriting.headers);
  response.end();
}

// A requested Host does not change the connection's destination.
function withHost(
  destination: Destination,
  { headers, names }: Extract<Rewriting, { kind: 'headers' }>,
): Destination {
  const host = names.some((name) => name.toLowerCase() === 'host') && headerValue(headers, 'host');
  return host ? { ...destination, host } : destination;
}
