import { type Header, headerValue } from '../../exchange.ts';
import { contentTypeOf, languageOf } from '../../http/content-type.ts';
import type { Target } from '../../http/target.ts';

/**
 * A request's readable name: the operation if one URL serves all operations, otherwise its method and path.
 *
 * @param path the path to show: as sent, or its template (`/users/:userId`)
 * @param called the result of {@link calledName}
 */
export function requestName(method: string, path: string, called: string | undefined): string {
  return called ?? `${method} ${path || '/'}`;
}

/** The name of a single request: its method and its path as sent. */
export function itemName(method: string, { path }: Target): string {
  return requestName(method, path, undefined);
}

/**
 * A name built from a path, with the same segments replaced as in the path: some values are secrets only
 * in their place.
 *
 * @param path as sent
 * @param written the same path with variables in place of secrets
 */
export function nameWithout(name: string, path: string, written: string): string {
  const replaced = new Map<string, string>();
  const segments = written.split('/');
  for (const [at, segment] of path.split('/').entries()) {
    const other = segments[at];
    if (other !== undefined && other !== segment) replaced.set(segment, other);
  }
  if (replaced.size === 0) return name;
  return name
    .split('/')
    .map((segment) => replaced.get(segment) ?? segment)
    .join('/');
}

/** Longer operation names are not expected. */
const LONGEST_NAME = 100;

/**
 * The operation that a request calls: a GraphQL operation, a JSON-RPC method, a SOAP action.
 *
 * @param text the body, without content codings
 */
export function calledName(headers: readonly Header[], text: string): string | undefined {
  if (text === '') return undefined;
  const name = soapAction(headers, text) ?? jsonCall(headers, text);
  return name !== undefined && name !== '' && name.length <= LONGEST_NAME ? name : undefined;
}

function jsonCall(headers: readonly Header[], text: string): string | undefined {
  if (languageOf(contentTypeOf(headers)?.essence ?? '') !== 'json') return undefined;
  if (!CALL_KEYS.some((key) => text.includes(key))) return undefined;
  const value = parsed(text);
  const calls = (Array.isArray(value) ? value : [value]).map(callOf);
  const [first] = calls;
  if (first === undefined || calls.length === 1) return first;
  return `${first} and ${calls.length - 1} more`;
}

/** Every call contains one of these. */
const CALL_KEYS = ['"query"', '"operationName"', '"jsonrpc"'];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function callOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { jsonrpc, method, operationName, query } = value as Record<string, unknown>;
  if (jsonrpc === '2.0' && typeof method === 'string') return method;
  // A persisted query has no text of its own.
  if (typeof operationName === 'string') return operationName;
  return typeof query === 'string' ? OPERATION_NAME.exec(query)?.[1] : undefined;
}

/** GraphQL, 2.3: the operation's type, then its name. */
const OPERATION_NAME = /(?:^|\s|\})(?:query|mutation|subscription)\s+([_A-Za-z]\w*)\s*[({@]/;

/** SOAP 1.1, 6.1.1 has a header for the action, SOAP 1.2 a parameter; both allow it in the body only. */
function soapAction(headers: readonly Header[], text: string): string | undefined {
  const header = headerValue(headers, 'soapaction');
  const type = contentTypeOf(headers);
  const isSoap = header !== undefined || type?.essence === 'application/soap+xml';
  if (!isSoap) return undefined;
  const action = (header ?? type?.parameters.get('action') ?? '').replace(/^"|"$/g, '');
  return action.split(/[/#:]/).findLast((part) => part !== '') ?? SOAP_BODY.exec(text)?.[1];
}

const SOAP_BODY = /<(?:\w+:)?Body[^<>]*>\s*<(?:\w+:)?([\w.-]+)/;
