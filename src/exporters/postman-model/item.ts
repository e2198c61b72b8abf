import { isAuthHeader } from '../../collection/auth.ts';
import type { ChainVariables, VariableUse } from '../../collection/chain-variables.ts';
import { contentId } from '../../collection/identifiers.ts';
import type { LearnedSecrets } from '../../collection/learned-secrets.ts';
import { nameWithout } from '../../collection/names.ts';
import type { PartSecrets, Secrets } from '../../collection/secrets.ts';
import type { SurveyedRequest } from '../../collection/survey.ts';
import { joinTarget, parseTarget, type Target } from '../../collection/target.ts';
import type { Exchange, RecordedResponse } from '../../exchange.ts';
import type { ExportOptions } from '../exporter.ts';
import { behaviorOf } from './behavior.ts';
import { endpointUrl } from './endpoint-url.ts';
import { requestHeaders } from './headers.ts';
import { writtenBody } from './item-body.ts';
import { jsonAt } from './json.ts';
import { linkedHeaders, linkedTarget } from './linked.ts';
import { notesOn } from './notes.ts';
import type { Behavior, ItemBody, ItemRequest } from './schema.ts';
import { itemUrl } from './url.ts';

/** What the items of one collection share. */
export type ItemContext = {
  readonly options: ExportOptions;
  /** Variable names by origin; empty when hosts are written out. */
  readonly variables: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
  /** Those of the parts of an exchange. */
  readonly inPart: LearnedSecrets['inPart'];
  readonly chains: ChainVariables;
  /** The id itself the first time, another one derived from it each time it comes again. */
  uniqueId(id: string): string;
};

/** An item without its examples. */
export type ItemHead = {
  readonly id: string;
  readonly name: string;
  readonly request: ItemRequest;
  /** The request as JSON at `requestDepth`, from which the id is made. */
  readonly requestText: string;
  /** When it was first sent: milliseconds since the epoch. */
  readonly startedAt: number;
  readonly description?: string;
  readonly behavior?: Behavior;
};

/** How deep a request stands in an item of a collection without folders. */
export const requestDepth = 3;

/** A request as it is written. */
export type AskedRequest = Pick<ItemHead, 'request' | 'requestText'>;

/** Reads what an exchange asked; `surveyed` is the request at `index` of the survey. */
export async function itemHead(
  exchange: Exchange,
  surveyed: SurveyedRequest,
  index: number,
  context: ItemContext,
): Promise<ItemHead> {
  const recorded = exchange.request;
  const target = parseTarget(recorded.url);
  const uses = context.chains.uses(index);
  const { body, note } = await writtenBody(exchange, uses, context);
  const single = itemRequest(exchange, target, body, uses, context);
  const { endpoint } = surveyed;
  const request = endpoint
    ? { ...single, url: endpointUrl(single.url, endpoint, context.secrets) }
    : single;
  const requestText = jsonAt(requestDepth, request);
  const notes = notesOn(exchange, target, note).map((text) => context.secrets.text(text));
  const written = withoutSecrets(target, context.inPart('url', exchange));
  const behavior = behaviorOf(recorded, request, target, surveyed);
  return {
    id: context.uniqueId(contentId(requestText)),
    name: context.secrets.text(nameWithout(surveyed.name, target.path, written.path)),
    request,
    requestText,
    startedAt: exchange.startedAt,
    ...(notes.length === 0 ? {} : { description: notes.join('\n\n') }),
    ...(behavior === undefined ? {} : { behavior }),
  };
}

/** The same item where a folder or the collection says who asks; its id is the one that it had. */
export function withoutAuth(item: ItemHead): ItemHead {
  const header = item.request.header.filter(({ key }) => !isAuthHeader(key));
  const request = { ...item.request, header };
  return { ...item, request, requestText: jsonAt(requestDepth, request) };
}

/** What one of the calls of an endpoint asked. */
export async function askedRequest(
  exchange: Exchange,
  context: ItemContext,
): Promise<AskedRequest> {
  const { body } = await writtenBody(exchange, [], context);
  const target = parseTarget(exchange.request.url);
  const request = itemRequest(exchange, target, body, [], context);
  return { request, requestText: jsonAt(requestDepth, request) };
}

/** The id of the item that asks this; `request` as it is written, without its description. */
export function requestId(request: object): string {
  return contentId(jsonAt(requestDepth, request));
}

function itemRequest(
  exchange: Exchange,
  target: Target,
  body: ItemBody | undefined,
  uses: readonly VariableUse[],
  { options, variables, secrets, inPart }: ItemContext,
): ItemRequest {
  const recorded = exchange.request;
  const ownContentType = body?.mode === 'formdata';
  const { restrictedHeaders } = options;
  const header = requestHeaders(recorded.headers, { restrictedHeaders, ownContentType }, secrets);
  return {
    method: recorded.method,
    header: linkedHeaders(header, uses),
    ...(body === undefined ? {} : { body }),
    url: itemUrl(withoutSecrets(linkedTarget(target, uses), inPart('url', exchange)), variables),
  };
}

function withoutSecrets(target: Target, secrets: PartSecrets): Target {
  const url = joinTarget(target);
  const written = secrets.url(url);
  return written === url ? target : parseTarget(written);
}

/** The answer that becomes an example: a whole one, or what had come when the recording stopped. */
export function answerOf({ outcome }: Exchange): RecordedResponse | undefined {
  if (outcome.kind === 'completed') return outcome.response;
  return outcome.kind === 'unfinished' ? outcome.partial : undefined;
}
