import { type Exchange, type Header, headerValue, responseOf } from '../exchange.ts';
import { contentTypeOf, languageOf } from '../http/content-type.ts';
import { parseFormFields } from '../http/forms.ts';
import { wholeText } from '../http/message-text.ts';
import { parseTarget } from '../http/target.ts';
import { Shape } from './shape.ts';

/** What the answers of an endpoint with one status had in common. */
export type AnswerFacts = {
  count: number;
  /** Media types without parameters; empty text for none. */
  readonly types: Set<string>;
  /** Where the answers sent the client, with `*` for ids. */
  readonly redirects: Set<string>;
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
  if (request.body && request.body.size > 0) {
    const essence = essenceOf(request.headers);
    facts.bodyTypes.add(essence);
    const text = (await wholeText(request.body, request.headers)) ?? '';
    if (essence === 'application/x-www-form-urlencoded')
      for (const name of new Set((parseFormFields(text) ?? []).map(([name]) => name)))
        bump(facts.parameters, `form field ${name}`);
    else if (languageOf(essence) === 'json') facts.requestShape.see(text);
  }
  if (response === undefined) return;
  const { status, headers, body } = response;
  const answers = facts.answers.get(status) ?? emptyAnswers();
  facts.answers.set(status, answers);
  answers.count += 1;
  const essence = essenceOf(headers);
  answers.types.add(essence);
  const location = headerValue(headers, 'location');
  if (location !== undefined && status >= 300 && status < 400)
    answers.redirects.add(redirectTarget(location));
  if (languageOf(essence) === 'json') answers.shape.see((await wholeText(body, headers)) ?? '');
  const seen = facts.statuses.get(key) ?? new Set();
  if (facts.statuses.size < MOST_KEYS || seen.size > 0) facts.statuses.set(key, seen.add(status));
}

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
    own.shape.add(answers.shape);
  }
  for (const [key, statuses] of other.statuses) facts.statuses.set(key, statuses);
}

function emptyAnswers(): AnswerFacts {
  return { count: 0, types: new Set(), redirects: new Set(), shape: new Shape() };
}

function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function parameterNames(url: string): Set<string> {
  const { query = '' } = parseTarget(url);
  const names = query.split('&').map((pair) => pair.replace(/=.*$/s, ''));
  return new Set(names.filter((name) => name !== ''));
}

function essenceOf(headers: readonly Header[]): string {
  return contentTypeOf(headers)?.essence ?? '';
}

/** The path and the names of the parameters; the origin too where it is another's is told by the call that follows. */
function redirectTarget(location: string): string {
  const { path } = parseTarget(location.replace(/[?#].*$/s, ''));
  return path
    .split('/')
    .map((segment) => (/\d/.test(segment) || segment.includes('{{') ? '*' : segment))
    .join('/');
}
