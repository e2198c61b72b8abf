import type { BeforeRequest } from './web-request.ts';

/** The choice of requests in the popup. All parts must match; an empty part lets everything through. */
export type CaptureFilter = {
  /** A regular expression, matched anywhere in the URL. */
  readonly url: string;
  /** In upper case. */
  readonly methods: readonly string[];
  readonly kinds: readonly Kind[];
};

export const noFilter: CaptureFilter = { url: '', methods: [], kinds: [] };

/** The kinds of requests, and the resource types of `chrome.webRequest` that each stands for. */
const typesOfKinds = {
  page: ['main_frame', 'sub_frame', 'object'],
  fetch: ['xmlhttprequest'],
  script: ['script'],
  style: ['stylesheet'],
  image: ['image'],
  font: ['font'],
  media: ['media'],
  socket: ['websocket', 'webtransport'],
} as const;

export type Kind = keyof typeof typesOfKinds | 'other';

const kindsOfTypes = new Map<string, Kind>(
  Object.entries(typesOfKinds).flatMap(([kind, types]) =>
    types.map((type): [string, Kind] => [type, kind as Kind]),
  ),
);

/** The kind of a resource type. */
function kindOf(type: string): Kind {
  return kindsOfTypes.get(type) ?? 'other';
}

/** What is wrong with the regular expression of a filter, in a sentence; undefined when nothing is. */
export function urlFault(url: string): string | undefined {
  try {
    new RegExp(url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Compiles a filter. One that is not valid lets nothing through: less is recorded than was asked for, never more. */
export function compileFilter({ url, methods, kinds }: CaptureFilter) {
  const pattern = urlFault(url) === undefined ? new RegExp(url) : undefined;
  const wantedMethods = new Set(methods);
  const wantedKinds = new Set(kinds);
  return (request: Pick<BeforeRequest, 'url' | 'method' | 'type'>): boolean =>
    pattern?.test(request.url) === true &&
    (wantedMethods.size === 0 || wantedMethods.has(request.method.toUpperCase())) &&
    (wantedKinds.size === 0 || wantedKinds.has(kindOf(request.type)));
}

/** Whether a URL leads to the running client, whose own traffic is never recorded. */
export function isClient(url: string, port: number): boolean {
  const { hostname, port: given, protocol } = new URL(url);
  const actual = given === '' ? (/^(https|wss):$/.test(protocol) ? 443 : 80) : Number(given);
  return actual === port && /^(localhost\.?|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
