import type { Item, ItemBody, ItemRequest } from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import { requestText } from '../../document/v2/request-json.ts';
import type { Exchange, RecordedResponse } from '../../exchange.ts';
import { joinTarget, parseTarget, type Target } from '../../http/target.ts';
import type { LearnedSecrets } from '../../secrets/learned-secrets.ts';
import type { PartSecrets, Secrets } from '../../secrets/secrets.ts';
import { isAuthHeader } from '../auth.ts';
import type { ChainVariables, VariableUse } from '../correlation/chain-variables.ts';
import { nameWithout } from '../naming/names.ts';
import type { CollectionOptions } from '../options.ts';
import type { SurveyedRequest } from '../survey/survey.ts';
import { behaviorOf } from './behavior.ts';
import { endpointUrl } from './endpoint-url.ts';
import { requestHeaders } from './headers.ts';
import { writtenBody } from './item-body.ts';
import { linkedHeaders, linkedTarget } from './linked.ts';
import { notesOn } from './notes.ts';
import { itemUrl } from './url.ts';

/** The context that the items of one collection share. */
export type ItemContext = {
  readonly options: CollectionOptions;
  /** Variable names by origin; empty when hosts are written out. */
  readonly variables: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
  /** The secrets in each part of an exchange. */
  readonly inPart: LearnedSecrets['inPart'];
  readonly chains: ChainVariables;
  /** Whether a name in double braces stands for a secret, and was not in the recording. */
  isVariable(name: string): boolean;
  /** Returns the id itself the first time, and a different id derived from it each further time. */
  uniqueId(id: string): string;
};

/** An item of a recording; its id is derived from its request. */
export type RecordedItem = Item & { readonly id: string; readonly startedAt: number };

/** Reads the request of an exchange; `surveyed` is the request at `index` of the survey. */
export async function recordedItem(
  exchange: Exchange,
  surveyed: SurveyedRequest,
  index: number,
  context: ItemContext,
): Promise<RecordedItem> {
  const recorded = exchange.request;
  const target = parseTarget(recorded.url);
  const uses = context.chains.uses(index);
  const { body, note } = await writtenBody(exchange, uses, context);
  const single = surveyedRequest(exchange, target, surveyed, body, uses, context);
  const notes = notesOn(exchange, target, note).map((text) => context.secrets.text(text));
  const description = notes.length === 0 ? undefined : notes.join('\n\n');
  const request = description === undefined ? single : { ...single, description };
  const behavior = behaviorOf(recorded, request, target, surveyed);
  return {
    id: context.uniqueId(requestId(request)),
    name: itemName(exchange, target, surveyed, context),
    request,
    startedAt: exchange.startedAt,
    scripts: [],
    variables: [],
    ...(behavior === undefined ? {} : { behavior }),
  };
}

/**
 * The item for calls that carry the details themselves. It has no id, notes or body: making them took a third of the
 * time for a script of 100,000 calls, and nothing reads them.
 */
export function calledItem(
  exchange: Exchange,
  surveyed: SurveyedRequest,
  context: ItemContext,
): Item {
  const target = parseTarget(exchange.request.url);
  return {
    request: surveyedRequest(exchange, target, surveyed, undefined, [], context),
    name: itemName(exchange, target, surveyed, context),
    startedAt: exchange.startedAt,
    scripts: [],
    variables: [],
    ...(surveyed.withoutCookies ? { behavior: { disableCookies: true } } : {}),
  };
}

function surveyedRequest(
  exchange: Exchange,
  target: Target,
  { endpoint }: SurveyedRequest,
  body: ItemBody | undefined,
  uses: readonly VariableUse[],
  context: ItemContext,
): ItemRequest {
  const single = itemRequest(exchange, target, body, uses, context);
  if (endpoint === undefined) return single;
  return { ...single, url: endpointUrl(single.url, endpoint, context.secrets) };
}

function itemName(
  exchange: Exchange,
  target: Target,
  { name }: SurveyedRequest,
  { secrets, inPart }: ItemContext,
): string {
  const written = withoutSecrets(target, inPart('url', exchange));
  return secrets.text(nameWithout(name, target.path, written.path));
}

/** The item without its own authentication, which a folder or the collection sets; its id stays the same. */
export function withoutAuth(item: RecordedItem): RecordedItem {
  const headers = item.request.headers.filter(({ key }) => !isAuthHeader(key ?? ''));
  return { ...item, request: { ...item.request, headers } };
}

/** The request of one call to an endpoint. */
export async function askedRequest(exchange: Exchange, context: ItemContext): Promise<ItemRequest> {
  const { body } = await writtenBody(exchange, [], context);
  const target = parseTarget(exchange.request.url);
  return itemRequest(exchange, target, body, [], context);
}

/** The id of the item with this request. */
function requestId(request: ItemRequest): string {
  return contentId(requestText(request));
}

function itemRequest(
  exchange: Exchange,
  target: Target,
  body: ItemBody | undefined,
  uses: readonly VariableUse[],
  { options, variables, secrets, inPart }: ItemContext,
): ItemRequest & { readonly url: Required<ItemRequest['url']> } {
  const recorded = exchange.request;
  const ownContentType = body?.mode === 'formdata';
  const { restrictedHeaders } = options;
  const header = requestHeaders(recorded.headers, { restrictedHeaders, ownContentType }, secrets);
  return {
    method: recorded.method,
    headers: linkedHeaders(header, uses),
    ...(body === undefined ? {} : { body }),
    url: itemUrl(withoutSecrets(linkedTarget(target, uses), inPart('url', exchange)), variables),
  };
}

function withoutSecrets(target: Target, secrets: PartSecrets): Target {
  const url = joinTarget(target);
  const written = secrets.url(url);
  return written === url ? target : parseTarget(written);
}

/** The response that becomes an example: complete, or the part received before the recording stopped. */
export function answerOf({ outcome }: Exchange): RecordedResponse | undefined {
  if (outcome.kind === 'completed') return outcome.response;
  return outcome.kind === 'unfinished' ? outcome.partial : undefined;
}
