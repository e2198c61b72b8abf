import { isOpaque } from '../analysis/correlation/identifying.ts';
import {
  type Exchange,
  type Header,
  headerValue,
  type RecordedRequest,
  type RecordedResponse,
  responseOf,
} from '../exchange.ts';
import { contentTypeOf, languageOf } from '../http/content-type.ts';
import { parseFormFields } from '../http/forms.ts';
import { wholeBody, wholeText } from '../http/message-text.ts';
import { type FormPart, parseFormParts } from '../http/multipart.ts';
import { parseTarget } from '../http/target.ts';
import { Shape } from './shape.ts';

/** What the answers of an endpoint with one status have in common. */
export type AnswerFacts = {
  count: number;
  /** Media types without parameters; an empty string for none. */
  readonly types: Set<string>;
  /** Redirect targets, with `*` for ids; an empty string for none. */
  readonly redirects: Set<string>;
  /** The status of gRPC calls, for which HTTP always answers 200. */
  readonly grpcStatuses: Set<string>;
  readonly shape: Shape;
};

/** What the calls of one endpoint have in common. */
export type EndpointFacts = {
  readonly method: string;
  /** `/users/:userId`, or a path as it was sent. */
  readonly path: string;
  /** The operation if one URL serves several: an operation of GraphQL. */
  readonly operation: string | undefined;
  count: number;
  /** How often each query parameter and form field was present. */
  readonly parameters: Map<string, number>;
  readonly bodyTypes: Set<string>;
  readonly requestShape: Shape;
  readonly answers: Map<number, AnswerFacts>;
  /** The statuses of each request that was repeated or may be, by its lasting parts. */
  readonly statuses: Map<string, Set<number>>;
};

/** The facts of an endpoint before its first call. */
export function emptyFacts(
  method: string,
  path: string,
  operation: string | undefined,
): EndpointFacts {
  return {
    method,
    path,
    operation,
    count: 0,
    parameters: new Map(),
    bodyTypes: new Set(),
    requestShape: new Shape(),
    answers: new Map(),
    statuses: new Map(),
  };
}

/**
 * Adds a call.
 *
 * @param key the lasting parts of its request
 */
export async function seeCall(
  facts: EndpointFacts,
  exchange: Exchange,
  key: string,
): Promise<void> {
  const { request, outcome } = exchange;
  const response = responseOf(outcome);
  facts.count += 1;
  for (const name of parameterNames(request.url)) bump(facts.parameters, `query ${name}`);
  const essence = essenceOf(request.headers);
  facts.bodyTypes.add(essence);
  for (const name of new Set(await fieldNames(request)))
    bump(facts.parameters, `form field ${name}`);
  if (languageOf(essence) === 'json')
    facts.requestShape.see(await wholeText(request.body, request.headers));
  if (response === undefined) return;
  const { status, headers, body } = response;
  const answers = facts.answers.get(status) ?? emptyAnswers();
  facts.answers.set(status, answers);
  answers.count += 1;
  const type = essenceOf(headers);
  answers.types.add(type);
  const location = headerValue(headers, 'location');
  if (REDIRECTS.has(status))
    answers.redirects.add(location === undefined ? '' : redirectTarget(location));
  const grpcStatus = headerValue([...headers, ...(response.trailers ?? [])], 'grpc-status');
  if (grpcStatus !== undefined) answers.grpcStatuses.add(grpcStatus.trim());
  if (languageOf(type) === 'json' && request.method !== 'HEAD')
    answers.shape.see(isEmpty(response) ? '' : await wholeText(body, headers));
  const seen = facts.statuses.get(key) ?? new Set();
  if (facts.statuses.size < MOST_KEYS || seen.size > 0) facts.statuses.set(key, seen.add(status));
}

/** Redirect statuses (RFC 9110, 15.4). */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Further requests are judged together with all others of their endpoint. */
const MOST_KEYS = 2000;

/** Adds the facts of another part of the same endpoint. */
export function addFacts(facts: EndpointFacts, other: EndpointFacts): void {
  facts.count += other.count;
  for (const [name, count] of other.parameters)
    facts.parameters.set(name, (facts.parameters.get(name) ?? 0) + count);
  for (const type of other.bodyTypes) facts.bodyTypes.add(type);
  facts.requestShape.add(other.requestShape);
  for (const [status, answers] of other.answers) {
    const own = facts.answers.get(status) ?? emptyAnswers();
    facts.answers.set(status, own);
    own.count += answers.count;
    for (const type of answers.types) own.types.add(type);
    for (const target of answers.redirects) own.redirects.add(target);
    for (const grpcStatus of answers.grpcStatuses) own.grpcStatuses.add(grpcStatus);
    own.shape.add(answers.shape);
  }
  for (const [key, statuses] of other.statuses) facts.statuses.set(key, statuses);
}

/** Recordings may also lack bodies that were not kept: only bodies known to be empty count. */
function isEmpty({ headers, body }: RecordedResponse): boolean {
  return body === undefined ? headerValue(headers, 'content-length') === '0' : body.size === 0;
}

function emptyAnswers(): AnswerFacts {
  return {
    count: 0,
    types: new Set(),
    redirects: new Set(),
    grpcStatuses: new Set(),
    shape: new Shape(),
  };
}

function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function parameterNames(url: string): Set<string> {
  const { query = '' } = parseTarget(url);
  const names = query.split('&').map((pair) => pair.replace(/=.*$/s, ''));
  return new Set(names.filter((name) => name !== '').map((name) => withoutIndex(decoded(name))));
}

/** The names of the form fields; empty if the body is not a form. */
async function fieldNames({ headers, body }: RecordedRequest): Promise<string[]> {
  const type = contentTypeOf(headers);
  if (type?.essence === 'application/x-www-form-urlencoded')
    return (parseFormFields((await wholeText(body, headers)) ?? '') ?? []).map(([name]) =>
      withoutIndex(name),
    );
  if (type?.essence !== 'multipart/form-data') return [];
  const bytes = (await wholeBody(body)) ?? Buffer.alloc(0);
  const parts = parseFormParts(bytes, type.parameters.get('boundary') ?? '') ?? [];
  return parts.filter(isText).map(({ name }) => withoutIndex(name));
}

/** Collections cannot contain file content. */
function isText({ fileName }: FormPart): boolean {
  return fileName === undefined;
}

/** `ids[]` for `ids[3]`: the number of elements is ignored. */
function withoutIndex(name: string): string {
  return name.replace(/\[\d+\]/g, '[]');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function essenceOf(headers: readonly Header[]): string {
  return contentTypeOf(headers)?.essence ?? '';
}

/** The path. A changed origin shows in the call that follows. */
function redirectTarget(location: string): string {
  const { path } = parseTarget(location.replace(/[?#].*$/s, ''));
  return path
    .split('/')
    .map((segment) => (isDrawn(segment) ? '*' : segment))
    .join('/');
}

function isDrawn(segment: string): boolean {
  return /\d/.test(segment) || segment.includes('{{') || isOpaque(segment);
}
