import { contentId } from '../../collection/identifiers.ts';
import { itemName } from '../../collection/names.ts';
import type { Secrets } from '../../collection/secrets.ts';
import type { RequestFacts } from '../../collection/survey.ts';
import { parseTarget, type Target } from '../../collection/target.ts';
import type { Exchange, RecordedRequest, RecordedResponse } from '../../exchange.ts';
import { behaviorOf } from './behavior.ts';
import { requestBody } from './body.ts';
import type { RenderContext } from './context.ts';
import { requestHeaders } from './headers.ts';
import { deeper, jsonAt, withMember } from './json.ts';
import { notesOn } from './notes.ts';
import type { ItemBody, ItemRequest } from './schema.ts';
import { itemUrl } from './url.ts';

/** An item's beginning as text, and what its examples need of it. */
export type ItemHead = {
  readonly id: string;
  /** The item at depth 2, its examples and closing brace still to come. */
  readonly text: string;
  /** The request at depth 5, as examples repeat it. */
  readonly originalRequest: string;
};

/** Writes what an exchange asked; `facts` are those of all exchanges that asked the same. */
export async function itemHead(
  exchange: Exchange,
  facts: RequestFacts,
  context: RenderContext,
): Promise<ItemHead> {
  const recorded = exchange.request;
  const target = parseTarget(recorded.url);
  const { body, note } = await requestBody(recorded, context.options.attach);
  const request = itemRequest(recorded, target, body, context);
  const plain = jsonAt(3, request);
  const id = context.uniqueId(contentId(plain));
  const notes = notesOn(exchange, target, note);
  const behavior = behaviorOf(recorded, request, target, facts);
  const item = jsonAt(2, {
    name: itemName(recorded.method, target),
    id,
    ...(behavior === undefined ? {} : { protocolProfileBehavior: behavior }),
  });
  const described =
    notes.length === 0
      ? plain
      : withMember(3, plain, 'description', JSON.stringify(notes.join('\n\n')));
  return {
    id,
    text: withMember(2, item, 'request', described).slice(0, -'\n\t\t}'.length),
    originalRequest: deeper(2, plain),
  };
}

/** The id of the item that asks this; `request` as it is written, without its description. */
export function requestId(request: object): string {
  return contentId(jsonAt(3, request));
}

function itemRequest(
  recorded: RecordedRequest,
  target: Target,
  body: ItemBody | undefined,
  { options, variables, secrets }: RenderContext,
): ItemRequest {
  const ownContentType = body?.mode === 'formdata';
  const { restrictedHeaders } = options;
  return {
    method: recorded.method,
    header: requestHeaders(recorded.headers, { restrictedHeaders, ownContentType }, secrets),
    ...(body === undefined ? {} : { body: redactedBody(body, secrets) }),
    url: itemUrl(target, variables, secrets),
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
