import type { Exchange, Recording } from '../../src/exchange.ts';
import type { ExportOptions } from '../../src/exporters/exporter.ts';
import { exporters } from '../../src/exporters/index.ts';
import { METHODS, type OpenApiDocument } from '../../src/exporters/openapi/document.ts';
import { appendToCollection } from '../../src/exporters/postman-v2.1/append.ts';
import { collectionOfV2, parsedEntry } from '../../src/importers/postman/v2.ts';
import type { Behavior, Example, ItemRequest } from './collection-schema.ts';
import { recordingOf } from './exchanges.ts';

export type Collection = {
  info: { name: string; _postman_id: string; description?: string; schema: string };
  item: Item[];
  variable: { key: string; value: string }[];
  auth?: unknown;
};

export type Item = {
  name: string;
  id: string;
  request: ItemRequest & { description?: string };
  response: Example[];
  protocolProfileBehavior?: Behavior;
  event?: { listen: string; script: { type: string; exec: string[] } }[];
};

type Folder = { name: string; id: string; item: (Item | Folder)[] };

/** All items of a collection, whatever folders they are in, in order. */
export function itemsIn({ item }: { readonly item: readonly (Item | Folder)[] }): Item[] {
  return item.flatMap((child) => ('item' in child ? itemsIn(child) : [child]));
}

const DEFAULTS: ExportOptions = {
  name: 'recorded',
  restrictedHeaders: false,
  secrets: 'redact',
  dedupe: true,
  group: 'none',
  shape: 'requests',
  templates: [],
  tests: false,
  sharedAuth: false,
  variables: true,
};

/** A collection v2.1 of a recording, as one text. */
export function renderText(
  source: readonly Exchange[] | Recording,
  options: Partial<ExportOptions> = {},
): Promise<string> {
  return renderAs('postman', source, options);
}

/** Everything that an exporter writes, as one text. */
export async function renderAs(
  format: keyof typeof exporters,
  source: readonly Exchange[] | Recording,
  options: Partial<ExportOptions> = {},
): Promise<string> {
  const recording = 'read' in source ? source : recordingOf(source);
  const chunks: Buffer[] = [];
  for await (const chunk of exporters[format].render(recording, { ...DEFAULTS, ...options })) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString('utf8');
}

export async function render(
  source: readonly Exchange[] | Recording,
  options: Partial<ExportOptions> = {},
): Promise<Collection> {
  return JSON.parse(await renderText(source, options));
}

/** The only item of what the exporter writes. */
export async function renderItem(
  source: Exchange,
  options: Partial<ExportOptions> = {},
): Promise<Item> {
  const { item } = await render([source], options);
  if (item.length !== 1) throw new Error(`${item.length} items instead of one`);
  return item[0]!;
}

/** Collects what would be stored beside the output. */
export function attachments(): {
  files: Map<string, Buffer>;
  attach: NonNullable<ExportOptions['attach']>;
} {
  const files = new Map<string, Buffer>();
  return {
    files,
    attach: async (name, bytes) => {
      files.set(name, Buffer.from(bytes));
      return `recorded.files/${name}`;
    },
  };
}

/** The methods and path templates of a collection's items, `GET /users/:userId`, none twice, sorted. */
export function endpointsIn(collection: Collection): string[] {
  const endpoints = itemsIn(collection).map(
    ({ request: { method, url } }) => `${method} /${url.path?.join('/') ?? ''}`,
  );
  return [...new Set(endpoints)].sort();
}

/** The same of an OpenAPI document. */
export function operationsIn({ paths }: Pick<OpenApiDocument, 'paths'>): string[] {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map(
      (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  return operations.sort();
}

/** Adds a rendered collection v2.1 to the text of an existing one. */
export function appended(existing: string, rendered: string, shown?: string): Promise<string> {
  const fail = (fault: Error): never => {
    throw fault;
  };
  const collection = collectionOfV2(
    parsedEntry(JSON.parse(rendered), (fault) => fault),
    fail,
  );
  return appendToCollection(existing, collection, { version: '2.1.0', shown });
}
