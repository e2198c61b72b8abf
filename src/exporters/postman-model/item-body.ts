import type { VariableUse } from '../../collection/chain-variables.ts';
import { contentTypeOf } from '../../collection/content-type.ts';
import type { LearnedSecrets } from '../../collection/learned-secrets.ts';
import { redactBody, redactBytes } from '../../collection/redacted-body.ts';
import type { PartSecrets, Secrets } from '../../collection/secrets.ts';
import type { Exchange } from '../../exchange.ts';
import type { ExportOptions } from '../exporter.ts';
import { requestBody, type WrittenBody } from './body.ts';
import { linkedBody } from './linked.ts';
import type { ItemBody } from './schema.ts';

type BodyContext = {
  readonly options: Pick<ExportOptions, 'attach'>;
  readonly secrets: Secrets;
  readonly inPart: LearnedSecrets['inPart'];
};

/**
 * A request's body as it is written, with variables for secrets and for what earlier answers hand out. One that is
 * compressed and holds secrets has to be taken apart to be rid of them; of a file only what is text is looked at.
 */
export async function writtenBody(
  exchange: Exchange,
  uses: readonly VariableUse[],
  { options: { attach }, secrets, inPart }: BodyContext,
): Promise<WrittenBody> {
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

type BodySecrets = {
  /** For a body that is one text; what is taken apart was not read like that before. */
  readonly asText: PartSecrets;
  readonly secrets: Secrets;
  /** The body's media type. */
  readonly essence: string | undefined;
};

function redactedBody(body: ItemBody, { asText, secrets, essence }: BodySecrets): ItemBody {
  switch (body.mode) {
    case 'raw':
      return { ...body, raw: asText.text(body.raw, essence) };
    case 'urlencoded': {
      const names = body.urlencoded.map(({ key }) => key);
      const urlencoded = body.urlencoded.map(({ key, value }) => ({
        key,
        value: secrets.field(key, value, names),
      }));
      return { ...body, urlencoded };
    }
    case 'formdata': {
      const names = body.formdata.map(({ key }) => key);
      const formdata = body.formdata.map((field) =>
        field.type === 'text'
          ? { ...field, value: secrets.field(field.key, field.value, names) }
          : field,
      );
      return { ...body, formdata };
    }
    case 'graphql': {
      const { query, variables } = body.graphql;
      const graphql = { ...body.graphql, query: secrets.text(query) };
      if (variables === undefined) return { ...body, graphql };
      return { ...body, graphql: { ...graphql, variables: secrets.json(variables) } };
    }
    default:
      return body;
  }
}
