import type { ChainVariables } from '../../collection/chain-variables.ts';
import { contentId } from '../../collection/identifiers.ts';
import type { Secrets } from '../../collection/secrets.ts';
import type { SurveyedRequest } from '../../collection/survey.ts';
import { parseTarget, type Target } from '../../collection/target.ts';
import type { Exchange, RecordedRequest, RecordedResponse } from '../../exchange.ts';
import type { ExportOptions } from '../exporter.ts';
import { behaviorOf } from './behavior.ts';
import { requestBody } from './body.ts';
import { endpointUrl } from './endpoint-url.ts';
import { requestHeaders } from './headers.ts';
import { jsonAt } from './json.ts';
import { linkedBody, linkedHeaders, linkedTarget } from './linked.ts';
import { notesOn } from './notes.ts';
import type { Behavior, ItemBody, ItemRequest } from './schema.ts';
import { itemUrl } from './url.ts';

/** What the items of one collection share. */
export type ItemContext = {
  readonly options: ExportOptions;
  /** Variable names by origin; empty when hosts are written out. */
  readonly variables: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
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
  const { body, note } = await requestBody(recorded, context.options.attach);
  const single = itemRequest(recorded, target, body, index, context);
  const { endpoint } = surveyed;
  const request = endpoint
    ? { ...single, url: endpointUrl(single.url, endpoint, context.secrets) }
    : single;
  const requestText = jsonAt(requestDepth, request);
  const notes = notesOn(exchange, target, note);
  const behavior = behaviorOf(recorded, request, target, surveyed);
  return {
    id: context.uniqueId(contentId(requestText)),
    name: context.secrets.text(surveyed.name),
    request,
    requestText,
    startedAt: exchange.startedAt,
    ...(notes.length === 0 ? {} : { description: notes.join('\n\n') }),
    ...(behavior === undefined ? {} : { behavior }),
  };
}

/** What one of the calls of an endpoint asked. */
export async function askedRequest(
  { request: recorded }: Exchange,
  context: ItemContext,
): Promise<AskedRequest> {
  const { body } = await requestBody(recorded, context.options.attach);
  const request = itemRequest(recorded, parseTarget(recorded.url), body, undefined, context);
  return { request, requestText: jsonAt(requestDepth, request) };
}

/** The id of the item that asks this; `request` as it is written, without its description. */
export function requestId(request: object): string {
  return contentId(jsonAt(requestDepth, request));
}

function itemRequest(
  recorded: RecordedRequest,
  target: Target,
  body: ItemBody | undefined,
  index: number | undefined,
  { options, variables, secrets, chains }: ItemContext,
): ItemRequest {
  const ownContentType = body?.mode === 'formdata';
  const { restrictedHeaders } = options;
  const uses = index === undefined ? [] : chains.uses(index);
  const header = requestHeaders(recorded.headers, { restrictedHeaders, ownContentType }, secrets);
  return {
    method: recorded.method,
    header: linkedHeaders(header, uses),
    ...(body === undefined ? {} : { body: redactedBody(linkedBody(body, uses), secrets) }),
    url: itemUrl(linkedTarget(target, uses), variables, secrets),
  };
}

// What is attached as a file stays as it is.
function redactedBody(body: ItemBody, secrets: Secrets): ItemBody {
  switch (body.mode) {
    case 'raw':
      return { ...body, raw: secrets.json(body.raw) };
    case 'urlencoded':
      return {
        ...body,
        urlencoded: body.urlencoded.map((field) => ({
          ...field,
          value: secrets.field(field.key, field.value),
        })),
      };
    case 'formdata':
      return {
        ...body,
        formdata: body.formdata.map((field) =>
          field.type === 'text'
            ? { ...field, value: secrets.field(field.key, field.value) }
            : field,
        ),
      };
    case 'graphql': {
      const { variables } = body.graphql;
      if (variables === undefined) return body;
      return { ...body, graphql: { ...body.graphql, variables: secrets.json(variables) } };
    }
    default:
      return body;
  }
}

/** The answer that becomes an example: a whole one, or what had come when the recording stopped. */
export function answerOf({ outcome }: Exchange): RecordedResponse | undefined {
  if (outcome.kind === 'completed') return outcome.response;
  return outcome.kind === 'unfinished' ? outcome.partial : undefined;
}
