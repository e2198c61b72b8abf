import type { ItemBody } from '../../collection.ts';
import type { Exchange, GrpcCall } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import type { LearnedSecrets } from '../../secrets/learned-secrets.ts';
import { redactBody, redactBytes } from '../../secrets/redact/body.ts';
import type { PartSecrets, Secrets } from '../../secrets/secrets.ts';
import type { VariableUse } from '../correlation/chain-variables.ts';
import type { CollectionOptions } from '../options.ts';

import { requestBody, type WrittenBody } from './body.ts';
import { callNote, messagesText } from './grpc-text.ts';
import { linkedBody } from './linked.ts';

type BodyContext = {
  readonly options: Pick<CollectionOptions, 'attach'>;
  readonly secrets: Secrets;
  readonly inPart: LearnedSecrets['inPart'];
};

/**
 * A request's body as it is written, with variables for secrets and for values from earlier responses. A compressed
 * body that holds secrets is decompressed to redact it; in a file only text is redacted.
 */
export async function writtenBody(
  exchange: Exchange,
  uses: readonly VariableUse[],
  { options: { attach }, secrets, inPart }: BodyContext,
): Promise<WrittenBody> {
  if (exchange.grpc) return callBody(await exchange.grpc.call(), secrets);
  const { request } = exchange;
  const { body: recorded, headers } = request;
  if (recorded === undefined) return {};
  const asText = inPart('request', exchange);
  const essence = contentTypeOf(headers)?.essence;
  const isCompressed = recorded.encoding.length > 0;
  const legible = isCompressed
    ? { ...request, body: await redactBody(recorded, headers, asText) }
    : request;
  const { body, note } = await requestBody(
    legible,
    attach && ((name, bytes) => attach(name, redactBytes(bytes, undefined, secrets))),
  );
  return {
    ...(body && { body: redactedBody(linkedBody(body, uses), { asText, secrets, essence }) }),
    ...(note !== undefined && { note }),
  };
}

/** A gRPC call shows its messages; a runner could not send the bytes either. */
function callBody(call: GrpcCall, secrets: Secrets): WrittenBody {
  const text = messagesText(call, 'client');
  const note = callNote(call);
  if (text === undefined) return { note };
  return { body: { mode: 'raw', text: secrets.json(text), language: 'json' }, note };
}

type BodySecrets = {
  /** For a body that is one text; a body that is split into fields was not read that way before. */
  readonly asText: PartSecrets;
  readonly secrets: Secrets;
  /** The body's media type. */
  readonly essence: string | undefined;
};

function redactedBody(body: ItemBody, { asText, secrets, essence }: BodySecrets): ItemBody {
  switch (body.mode) {
    case 'raw':
      return { ...body, text: asText.text(body.text, essence) };
    case 'urlencoded': {
      const names = body.fields.map(({ key }) => key ?? '');
      const fields = body.fields.map(({ key, value }) => ({
        key,
        value: secrets.field(key ?? '', value ?? '', names),
      }));
      return { ...body, fields };
    }
    case 'formdata': {
      const names = body.fields.map(({ key }) => key ?? '');
      const fields = body.fields.map((field) =>
        field.type === 'text'
          ? { ...field, value: secrets.field(field.key ?? '', field.value ?? '', names) }
          : field,
      );
      return { ...body, fields };
    }
    case 'graphql': {
      const { query, variables } = body;
      const redacted = { ...body, query: secrets.text(query) };
      return variables === undefined
        ? redacted
        : { ...redacted, variables: secrets.json(variables) };
    }
    default:
      return body;
  }
}
