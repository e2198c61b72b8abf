import { contentId } from '../../collection/identifiers.ts';
import { itemName } from '../../collection/names.ts';
import type { RequestFacts } from '../../collection/survey.ts';
import { parseTarget } from '../../collection/target.ts';
import type { Exchange, RecordedResponse } from '../../exchange.ts';
import { behaviorOf } from './behavior.ts';
import { requestBody } from './body.ts';
import type { RenderContext } from './context.ts';
import { requestHeaders } from './headers.ts';
import { notesOn } from './notes.ts';
import type { Behavior, ItemRequest } from './schema.ts';
import { itemUrl } from './url.ts';

/** An item without its examples. */
export type ItemHead = {
  name: string;
  id: string;
  protocolProfileBehavior?: Behavior;
  request: ItemRequest;
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
  const ownContentType = body?.mode === 'formdata';
  const { restrictedHeaders } = context.options;
  const request: ItemRequest = {
    method: recorded.method,
    header: requestHeaders(
      recorded.headers,
      { restrictedHeaders, ownContentType },
      context.secrets,
    ),
    ...(body === undefined ? {} : { body }),
    url: itemUrl(target, context.variables, context.secrets),
  };
  const id = context.uniqueId(contentId(JSON.stringify(request)));
  const notes = notesOn(exchange, target, note);
  const behavior = behaviorOf(recorded, request, target, facts);
  return {
    name: itemName(recorded.method, target),
    id,
    ...(behavior === undefined ? {} : { protocolProfileBehavior: behavior }),
    request: notes.length === 0 ? request : { ...request, description: notes.join('\n\n') },
  };
}

/** The answer that becomes an example: a whole one, or what had come when the recording stopped. */
export function answerOf({ outcome }: Exchange): RecordedResponse | undefined {
  if (outcome.kind === 'completed') return outcome.response;
  return outcome.kind === 'unfinished' ? outcome.partial : undefined;
}
