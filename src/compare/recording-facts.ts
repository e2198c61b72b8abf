import { observedTemplates } from '../analysis/endpoints/observed-templates.ts';
import { kindOfSegment } from '../analysis/endpoints/segment-kinds.ts';
import { calledName } from '../analysis/naming/names.ts';
import { lastingKey } from '../calls/request-key.ts';
import { requestParts } from '../calls/request-parts.ts';
import { withHost } from '../calls/unknown-host.ts';
import { type Exchange, headerValue, type Recording, responseOf } from '../exchange.ts';
import { textOf } from '../http/body-text.ts';
import { contentTypeOf } from '../http/content-type.ts';
import { isLoopback } from '../http/loopback.ts';
import { remembering } from '../http/memo.ts';
import { wholeBody } from '../http/message-text.ts';
import { parseTarget, type Target } from '../http/target.ts';
import { addFacts, type EndpointFacts, emptyFacts, seeCall } from './endpoint-facts.ts';

/** The endpoints called in a recording, before their paths become templates. */
export type RecordingFacts = {
  /** The number of calls read. */
  calls: number;
  readonly hosts: Set<string>;
  readonly roughEndpoints: Map<string, RoughEndpoint>;
};

/** Calls whose paths differ only in segments that look like ids. */
type RoughEndpoint = {
  readonly host: string;
  /** The requested paths, as sent. */
  readonly paths: Set<string>;
  readonly facts: EndpointFacts;
};

/** This many paths suffice to find a template. */
const MOST_PATHS = 200;

/**
 * Reads a recording once and collects what its calls have in common, by endpoint.
 *
 * @param options whether WebSockets count
 */
export async function gatherFacts(
  recording: Recording,
  { webSockets }: { readonly webSockets: boolean },
): Promise<RecordingFacts> {
  const gathered: RecordingFacts = { calls: 0, hosts: new Set(), roughEndpoints: new Map() };
  for await (const exchange of recording.read()) {
    if (isCompared(exchange, webSockets)) await takeIn(gathered, exchange);
  }
  return gathered;
}

/** What one call shows; undefined if the call is not compared. */
export async function factsOfCall(
  exchange: Exchange,
  { webSockets }: { readonly webSockets: boolean },
): Promise<CallFacts | undefined> {
  const gathered: RecordingFacts = { calls: 0, hosts: new Set(), roughEndpoints: new Map() };
  if (!isCompared(exchange, webSockets)) return undefined;
  await takeIn(gathered, exchange);
  const [found] = gathered.roughEndpoints.values();
  return (
    found && {
      host: found.host,
      path: parseTarget(withHost(exchange.request.url)).path,
      facts: found.facts,
    }
  );
}

/** One call. The path of its facts has `*` for segments that look like ids. */
export type CallFacts = {
  readonly host: string;
  /** As sent. */
  readonly path: string;
  readonly facts: EndpointFacts;
};

function isCompared(exchange: Exchange, webSockets: boolean): boolean {
  if (opensWebSocket(exchange)) return webSockets;
  return responseOf(exchange.outcome)?.status !== 101;
}

/** Also if the server refused it. */
function opensWebSocket({ request, webSocket }: Exchange): boolean {
  return (
    webSocket !== undefined || /websocket/i.test(headerValue(request.headers, 'upgrade') ?? '')
  );
}

async function takeIn(gathered: RecordingFacts, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const isWebSocket = opensWebSocket(exchange);
  const { headers } = request;
  const target = parseTarget(withHost(request.url));
  const body = await wholeBody(request.body);
  const text = body && textOf(body, contentTypeOf(headers));
  const host = hostOf(target);
  // HTTP/2 opens a WebSocket with CONNECT (RFC 8441, 4).
  const method = isWebSocket ? 'GET' : request.method;
  const operation = isWebSocket ? 'WebSocket' : calledName(headers, text ?? '');
  const endpoint = endpointAt(gathered, { method, host, path: target.path, operation });
  gathered.calls += 1;
  if (endpoint.paths.size < MOST_PATHS) endpoint.paths.add(target.path);
  // The parts of the request that the next run of the same program repeats.
  const key = lastingKey([], requestParts({ ...request, body }));
  await seeCall(endpoint.facts, exchange, { query: target.query, body, text, key, isWebSocket });
}

function endpointAt(
  { hosts, roughEndpoints }: RecordingFacts,
  called: {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly operation: string | undefined;
  },
): RoughEndpoint {
  const { method, host, operation } = called;
  const rough = roughPath(called.path);
  const key = [method, host, rough, operation ?? ''].join('\n');
  const known = roughEndpoints.get(key);
  if (known) return known;
  const made = { host, paths: new Set<string>(), facts: emptyFacts(method, rough, operation) };
  roughEndpoints.set(key, made);
  hosts.add(host);
  return made;
}

function roughPath(path: string): string {
  const segments = path.split('/');
  return segments
    .map((segment, at) => roughSegment(`${segments[at - 1] ?? ''}/${segment}`))
    .join('/');
}

/** @param pair a segment after the one before it: the first paths of a recording contain most of them */
const roughSegment = remembering((pair) => {
  const [before, segment = ''] = pair.split('/');
  return kindOfSegment(segment, before) === undefined ? segment : '*';
});

/** Loopback hosts are equal, whatever port a test used. */
function hostOf({ host, port }: Target): string {
  const name = host.toLowerCase();
  return isThisMachine(name) ? 'localhost' : port === undefined ? name : `${name}:${port}`;
}

const isThisMachine = remembering(isLoopback);

/** The endpoints of two recordings with shared templates, by a key that is equal for the same endpoint. */
export function endpointsOf(
  old: RecordingFacts,
  fresh: RecordingFacts,
): readonly [old: Map<string, EndpointFacts>, fresh: Map<string, EndpointFacts>] {
  // A single host that has changed counts as the same.
  const isOneHost = old.hosts.size === 1 && fresh.hosts.size === 1;
  const hostKey = (host: string) => (isOneHost ? '' : host);
  const templates = templatesOf([old, fresh], hostKey);
  const merged = ({ roughEndpoints }: RecordingFacts) => {
    const endpoints = new Map<string, EndpointFacts>();
    for (const { host, paths: own, facts } of roughEndpoints.values()) {
      const path = templates(host, own);
      const { method, operation } = facts;
      const key = [method, hostKey(host), path.replace(/:[^/]+/g, ':'), operation ?? ''].join('\n');
      const shown = isOneHost ? path : `${host}${path}`;
      const known = endpoints.get(key) ?? emptyFacts(method, shown, operation);
      endpoints.set(key, known);
      addFacts(known, facts);
    }
    return endpoints;
  };
  return [merged(old), merged(fresh)];
}

/** Finds the templates of all paths. Returns the template of the paths of a rough endpoint. */
export function templatesOf(
  recordings: readonly RecordingFacts[],
  hostKey: (host: string) => string,
): (host: string, paths: ReadonlySet<string>) => string {
  const paths = new Map<string, Set<string>>();
  for (const { roughEndpoints } of recordings)
    for (const endpoint of roughEndpoints.values()) {
      const all = paths.get(hostKey(endpoint.host)) ?? new Set();
      paths.set(hostKey(endpoint.host), all);
      for (const path of endpoint.paths) all.add(path);
    }
  const templates = new Map(
    [...paths].map(([host, all]) => [host, observedTemplates([...all].map((path) => ({ path })))]),
  );
  return (host, own) => {
    const [first = ''] = own;
    return templates.get(hostKey(host))?.get(first)?.path ?? first;
  };
}
