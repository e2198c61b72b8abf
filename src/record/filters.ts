import { type Exchange, headerValue, type ResponseHead, responseOf } from '../exchange.ts';
import {
  kindOfMediaType,
  mediaTypeByEnding,
  mediaTypeOf,
  STATIC_KINDS,
} from '../http/media-type.ts';

/** What is to be recorded; an empty list lets everything through. */
export type Criteria = {
  /** Tests of absolute URLs; one must match. */
  readonly url: readonly ((url: string) => boolean)[];
  /** Takes precedence over `url`. */
  readonly notUrl: readonly ((url: string) => boolean)[];
  /** Tests of host names (an IPv6 address without brackets) and ports; one must match. */
  readonly host: readonly ((hostname: string, port: number) => boolean)[];
  /** In capitals. */
  readonly methods: readonly string[];
  /** Both ends included. */
  readonly status: readonly { readonly from: number; readonly to: number }[];
  /** Kinds (`json`) and media types (`text/csv`), lower case. */
  readonly type: readonly string[];
  /** False leaves out images, scripts, style sheets, fonts and media. */
  readonly static: boolean;
};

/** Criteria that every exchange meets. */
export const everything: Criteria = {
  url: [],
  notUrl: [],
  host: [],
  methods: [],
  status: [],
  type: [],
  static: true,
};

/** The two points at which an exchange may be filtered out. */
export type Filters = {
  /** Called when the head of a request has arrived. `url` is absolute. */
  acceptsRequest(method: string, url: string): boolean;
  /** Called when the head of the response has arrived, or without one when the exchange has ended. */
  acceptsResponse(url: string, response: Answer | undefined): boolean;
};

type Answer = Pick<ResponseHead, 'status' | 'headers'>;

/**
 * Compiles criteria into tests that run thousands of times a second. A criterion that was not given costs nothing.
 */
export function compileFilters(criteria: Criteria): Filters {
  const requestTests = [methodTest(criteria), hostTest(criteria), urlTest(criteria)].filter(given);
  const responseTests = [statusTest(criteria), typeTest(criteria), staticTest(criteria)].filter(
    given,
  );
  return {
    acceptsRequest: (method, url) => requestTests.every((test) => test(method, url)),
    acceptsResponse: (url, response) => responseTests.every((test) => test(url, response)),
  };
}

/** Whether an exchange is wanted. */
export type Filter = (exchange: Exchange) => boolean;

/** Applies both tests at once, for exchanges that have ended: those of a journal or of another file. */
export function exchangeFilter({ acceptsRequest, acceptsResponse }: Filters): Filter {
  return ({ request, outcome }: Exchange) =>
    acceptsRequest(request.method, request.url) &&
    acceptsResponse(request.url, responseOf(outcome));
}

type RequestTest = Filters['acceptsRequest'];
type ResponseTest = Filters['acceptsResponse'];

function given<T>(test: T | undefined): test is T {
  return test !== undefined;
}

function methodTest({ methods }: Criteria): RequestTest | undefined {
  if (methods.length === 0) return undefined;
  const wanted = new Set(methods);
  return (method) => wanted.has(method) || wanted.has(method.toUpperCase());
}

function urlTest({ url: wanted, notUrl: unwanted }: Criteria): RequestTest | undefined {
  if (wanted.length === 0 && unwanted.length === 0) return undefined;
  return (_, url) =>
    !unwanted.some((matches) => matches(url)) &&
    (wanted.length === 0 || wanted.some((matches) => matches(url)));
}

function hostTest({ host: wanted }: Criteria): RequestTest | undefined {
  if (wanted.length === 0) return undefined;
  return (_, url) => {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname, port } = new URL(url);
    const name = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    const usual = protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
    return wanted.some((matches) => matches(name, port === '' ? usual : Number(port)));
  };
}

function statusTest({ status: ranges }: Criteria): ResponseTest | undefined {
  if (ranges.length === 0) return undefined;
  return (_, response) =>
    response !== undefined &&
    ranges.some(({ from, to }) => from <= response.status && response.status <= to);
}

function typeTest({ type: types }: Criteria): ResponseTest | undefined {
  if (types.length === 0) return undefined;
  const wanted = new Set(types);
  return (url, response) => {
    const type = response && responseType(url, response);
    return type !== undefined && (wanted.has(type) || wanted.has(kindOfMediaType(type)));
  };
}

// This also holds without a response: an image that failed to load is one by the extension of its URL.
function staticTest({ static: kept }: Criteria): ResponseTest | undefined {
  if (kept) return undefined;
  return (url, response) => {
    const type = responseType(url, response);
    return type === undefined || !STATIC_KINDS.has(kindOfMediaType(type));
  };
}

// A 304 has no Content-Type. The extension of the URL then gives the type.
function responseType(url: string, response: Answer | undefined): string | undefined {
  const contentType = response && headerValue(response.headers, 'content-type');
  return contentType ? mediaTypeOf(contentType) : mediaTypeByEnding(url);
}
