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

/** What the answers of an endpoint with one status had in common. */
export type AnswerFacts = {
  count: number;
  /** Media types without parameters; empty text for none. */
  readonly types: Set<string>;
  /** Where the answers sent the client, with `*` for ids; empty text for nowhere. */
  readonly redirects: Set<string>;
  /** The outcome of gRPC calls, which HTTP answers with 200 whatever it is. */
  readonly grpcStatuses: Set<string>;
  readonly shape: Shape;
};

/** What the calls of one endpoint had in common. */
export type EndpointFacts = {
  readonly method: string;
  /** `/users/:userId`, or a path as it was sent. */
  readonly path: string;
  /** What is called where one URL serves for all: an operation of GraphQL. */
  readonly operation: string | undefined;
  count: number;
  /** How often each parameter of the query and each field of a form was there. */
  readonly parameters: Map<string, number>;
  readonly bodyTypes: Set<string>;
  readonly requestShape: Shape;
  readonly answers: Map<number, AnswerFacts>;
  /** The statuses of each request that came more than once or may come again, by what is lasting in it. */
  readonly statuses: Map<string, Set<number>>;
};

/** Facts of an endpoint of which no call has been seen. */
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
 * Takes in a call.
 *
 * @param key what is lasting in its request
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

/** Statuses that send the client elsewhere (RFC 9110, 15.4). */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Requests beyond this are judged with all others of their endpoint. */
const MOST_KEYS = 2000;

/** Takes in what was seen of another part of the same endpoint. */
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

/** Recordings also lack bodies that were not kept: only what is known to be empty is. */
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

/** The names of a form's fields; none where the body is not a form. */
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

/** Collections cannot hold the content of files. */
function isText({ fileName }: FormPart): boolean {
  return fileName === undefined;
}

/** `ids[]` for `ids[3]`: how many there are is no difference. */
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

/** The path. That another origin is asked is told by the call that follows. */
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
