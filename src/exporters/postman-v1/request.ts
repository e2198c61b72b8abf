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
  /** `value` is the path of the file; what it was called and what it is came in later. */
  | { key: string; value: string; type: 'file'; fileName: string; contentType: string };

/** A request as the ancestor saved it and sent it over TCP; `binary` is a later mode for what is no text. */
export type V1Request = {
  id: string;
  collectionId: string;
  url: string;
  /** Path and query. */
  name: string;
  description: string;
  method: string;
  /** A line each, `Name: value`; those that begin with two slashes are not sent. */
  headers: string;
  data: string | Parameter[];
  dataMode: 'raw' | 'urlencoded' | 'params' | 'binary';
  /** A later addition: what a raw text is, since a runner takes comments out of JSON. */
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
 * Makes v1 requests of exchanges one by one, as they come: what is recorded later is not known, hosts are written out.
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
    // Nothing was read before.
    inPart: () => secrets,
    isVariable: () => false,
    uniqueId: (id: string) => id,
  };
  // What it is called is written as its path.
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
