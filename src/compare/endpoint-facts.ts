import { isOpaque } from '../analysis/correlation/identifying.ts';
import { type Exchange, headerValue, type RecordedResponse, responseOf } from '../exchange.ts';
import { type ContentType, contentTypeOf, languageOf } from '../http/content-type.ts';
import { parseFormFields } from '../http/forms.ts';
import { wholeText } from '../http/message-text.ts';
import { type FormPart, parseFormParts } from '../http/multipart.ts';
import { parseTarget } from '../http/target.ts';
import {
  addConversation,
  type ConversationFacts,
  emptyConversation,
  seeConnection,
} from './conversation-facts.ts';
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
  /** Set for WebSockets. */
  conversation?: ConversationFacts;
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

/** A request, read once. */
export type ReadRequest = {
  /** The query, undecoded. */
  readonly query: string | undefined;
  /** Without content codings; undefined if it is absent or incomplete. */
  readonly body: Buffer | undefined;
  /** The body if it is text. */
  readonly text: string | undefined;
  /** The lasting parts of the request. */
  readonly key: string;
  /** It opens a WebSocket. */
  readonly isWebSocket: boolean;
};

/** Adds a call. */
export async function seeCall(
  facts: EndpointFacts,
  { request, outcome, webSocket }: Exchange,
  read: ReadRequest,
): Promise<void> {
  facts.count += 1;
  for (const name of parameterNames(read.query)) bump(facts.parameters, `query ${name}`);
  const type = contentTypeOf(request.headers);
  const essence = type?.essence ?? '';
  facts.bodyTypes.add(essence);
  for (const name of new Set(fieldNames(type, read))) bump(facts.parameters, `form field ${name}`);
  if (languageOf(essence) === 'json') facts.requestShape.see(read.text);
  const response = responseOf(outcome);
  if (response === undefined) return;
  if (read.isWebSocket && (webSocket || response.status === 101)) {
    facts.conversation ??= emptyConversation();
    await seeConnection(facts.conversation, webSocket, response);
    // HTTP/2 opens a WebSocket with 200 (RFC 8441, 5).
    await seeAnswer(facts, request.method, { ...response, status: 101 }, read.key);
  } else await seeAnswer(facts, request.method, response, read.key);
}

async function seeAnswer(
  facts: EndpointFacts,
  method: string,
  response: RecordedResponse,
  key: string,
): Promise<void> {
  const { status, headers, body } = response;
  const answers = facts.answers.get(status) ?? emptyAnswers();
  facts.answers.set(status, answers);
  answers.count += 1;
  const type = contentTypeOf(headers)?.essence ?? '';
  answers.types.add(type);
  const location = headerValue(headers, 'location');
  if (REDIRECTS.has(status))
    answers.redirects.add(location === undefined ? '' : redirectTarget(location));
  const grpcStatus = headerValue([...headers, ...(response.trailers ?? [])], 'grpc-status');
  if (grpcStatus !== undefined) answers.grpcStatuses.add(grpcStatus.trim());
  if (languageOf(type) === 'json' && method !== 'HEAD')
    answers.shape.see(isEmpty(response) ? '' : await wholeText(body, headers));
  const seen = facts.statuses.get(key);
  if (seen) seen.add(status);
  else if (facts.statuses.size < MOST_KEYS) facts.statuses.set(key, new Set([status]));
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
  if (other.conversation) {
    facts.conversation ??= emptyConversation();
    addConversation(facts.conversation, other.conversation);
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

function parameterNames(query = ''): Set<string> {
  if (query === '') return NO_NAMES;
  const names = query.split('&').map((pair) => pair.replace(/=.*$/s, ''));
  return new Set(names.filter((name) => name !== '').map((name) => withoutIndex(decoded(name))));
}

const NO_NAMES: Set<string> = new Set();

/** The names of the form fields; empty if the body is not a form. */
function fieldNames(type: ContentType | undefined, { body, text }: ReadRequest): string[] {
  if (type?.essence === 'application/x-www-form-urlencoded')
    return (parseFormFields(text ?? '') ?? []).map(([name]) => withoutIndex(name));
  if (type?.essence !== 'multipart/form-data') return [];
  const parts =
    parseFormParts(body ?? Buffer.alloc(0), type.parameters.get('boundary') ?? '') ?? [];
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
