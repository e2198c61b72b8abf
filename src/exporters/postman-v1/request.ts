import { nameChains } from '../../analysis/correlation/chain-variables.ts';
import { type RecordedItem, recordedItem } from '../../analysis/items/item.ts';
import { collectionDefaults } from '../../analysis/options.ts';
import type { FormField, ItemBody, Members, Parameter as Pair } from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import { graphqlText } from '../../document/graphql-text.ts';
import { saidOf } from '../../document/text.ts';
import type { Exchange } from '../../exchange.ts';
import { parseTarget } from '../../http/target.ts';
import { createSecrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';
import type { ExportOptions, GivenOptions } from '../exporter.ts';

type Parameter =
  | { key: string; value: string; type: 'text'; contentType?: string }
  /** `value` is the path of the file; the file name and content type are later additions. */
  | { key: string; value: string; type: 'file'; fileName: string; contentType: string };

/** A request as PostmanProxy saved it and sent it over TCP; `binary` is a later mode for binary data. */
export type V1Request = {
  id: string;
  collectionId: string;
  url: string;
  /** Path and query. */
  name: string;
  description: string;
  method: string;
  /** One `Name: value` per line; lines that begin with two slashes are not sent. */
  headers: string;
  data: string | Parameter[];
  dataMode: 'raw' | 'urlencoded' | 'params' | 'binary';
  /** A later addition: the language of raw text, since a runner removes comments from JSON. */
  dataOptions?: { raw: { language: string } };
  /** The file of mode `binary`. */
  rawModeData?: string;
  protocolProfileBehavior?: Members;
  responses: [];
  version: 2;
  /** Seconds since the epoch. */
  timestamp: number;
};

/**
 * Converts exchanges to v1 requests one by one as they arrive, without knowledge of later ones and with literal hosts.
 * The same secret gets the same variable each time.
 */
export function v1Requests(given: GivenOptions): (exchange: Exchange) => Promise<V1Request> {
  const options: ExportOptions = { ...collectionDefaults, ...given, variables: false };
  const { secrets: mode, redact, onSecret } = options;
  const names = variableNames([]);
  const secrets = createSecrets({ mode, names, redact, onSecret });
  const context = {
    options,
    variables: new Map<string, string>(),
    chains: nameChains([], names),
    secrets,
    // No earlier reading exists.
    inPart: () => secrets,
    isVariable: () => false,
    uniqueId: (id: string) => id,
  };
  // The path is written as the name.
  const alone = { name: '', count: 1, redirected: false, withoutCookies: false, links: [] };
  const collectionId = v1CollectionId(options.name);
  return async (exchange) =>
    v1Request(await recordedItem(exchange, alone, 0, context), collectionId);
}

/** The id of the collection of this name. */
export function v1CollectionId(name: string): string {
  return contentId('collection', name);
}

/** Writes an item as a v1 request. */
export function v1Request(item: RecordedItem, collectionId: string): V1Request {
  const { id, request, behavior, startedAt } = item;
  const { path, query } = parseTarget(request.url.raw);
  return {
    id,
    collectionId,
    url: request.url.raw,
    name: (path || '/') + (query === undefined ? '' : `?${query}`),
    description: saidOf(item) ?? '',
    method: request.method,
    headers: request.headers.map(headerLine).join(''),
    ...dataOf(request.body),
    ...(behavior === undefined ? {} : { protocolProfileBehavior: behavior }),
    responses: [],
    version: 2,
    timestamp: Math.floor(startedAt / 1000),
  };
}

function headerLine({ key, value, disabled }: Pair): string {
  return `${disabled ? '//' : ''}${key}: ${value}\n`;
}

function dataOf(
  body: ItemBody | undefined,
): Pick<V1Request, 'data' | 'dataMode' | 'dataOptions' | 'rawModeData'> {
  switch (body?.mode) {
    case undefined:
    case 'none':
      return { data: [], dataMode: 'params' };
    case 'raw':
      return {
        data: body.text,
        dataMode: 'raw',
        dataOptions: { raw: { language: body.language ?? 'text' } },
      };
    case 'graphql':
      return { data: graphqlText(body), dataMode: 'raw' };
    case 'urlencoded':
      return { data: body.fields.map(textParameter), dataMode: 'urlencoded' };
    case 'formdata':
      return { data: body.fields.map(formParameter), dataMode: 'params' };
    case 'file':
      return { data: [], dataMode: 'binary', rawModeData: body.src ?? '' };
  }
}

function textParameter({ key, value }: Pair) {
  return { key: key ?? '', value: value ?? '', type: 'text' as const };
}

function formParameter(field: FormField): Parameter {
  const { key, type, src, fileName = '', contentType } = field;
  if (type === 'file') {
    const value = [src ?? ''].flat().join();
    return { key: key ?? '', value, type, fileName, contentType: contentType ?? '' };
  }
  return { ...textParameter(field), ...(contentType === undefined ? {} : { contentType }) };
}
