import type { Collection, CollectionHead } from '../../collection.ts';
import { callsOf } from '../../document/exchanges.ts';
import { type PlacedItem, stepsOf } from '../../document/items.ts';
import { type OnLoss, tellLosses } from '../../document/losses.ts';
import { absolute } from '../../document/sent-request.ts';
import { plainText, saidOf } from '../../document/text.ts';
import { splitUrl, writtenUrl } from '../../document/url.ts';
import type { Exchange, Header } from '../../exchange.ts';
import type { GivenOptions } from '../exporter.ts';
import {
  METHODS,
  type Method,
  type OpenApiDocument,
  type PathItem,
  type Server,
} from './document.ts';
import { type OperationFacts, operationFacts } from './operation.ts';
import { operationIds } from './operation-ids.ts';
import { type SecurityFacts, securityFacts } from './security.ts';
import { servers } from './servers.ts';
import { templatePath } from './template-path.ts';

type Documented = {
  readonly facts: OperationFacts;
  readonly summary: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
};

type PathFacts = {
  readonly servers: Map<string, Server>;
  readonly operations: Map<Method, Documented>;
};

/**
 * Describes the requests of a collection: an operation for each method and path, in their order, servers with the
 * variables that stand in hosts. Ids in paths stay as they are; `:name` and variables in paths are parameters.
 */
export async function documentedApi(
  collection: Collection,
  options: GivenOptions,
): Promise<OpenApiDocument> {
  const onLoss = options.onLoss ?? (() => {});
  const api = {
    paths: new Map<string, PathFacts>(),
    security: securityFacts(),
    servers: servers(options.environment ?? new Map()),
    onLoss,
  };
  let head: CollectionHead | undefined;
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss, { examples: true });
    if (step.kind === 'head') head = step.head;
    else if (step.kind === 'item') await seeItem(step.placed, api);
  }
  const all = api.servers.all();
  const { schemes } = api.security;
  return {
    openapi: '3.1.1',
    info: {
      title: head?.name || options.name,
      version: '1.0.0',
      description: plainText(head?.description) ?? 'The requests of a collection.',
    },
    // Without any the server would be the one that the document comes from.
    servers: all.length === 0 ? [{ url: '/' }] : all,
    security: [],
    paths: pathItems(api.paths, all.length),
    ...(schemes.size === 0 ? {} : { components: { securitySchemes: Object.fromEntries(schemes) } }),
  };
}

type Api = {
  readonly paths: Map<string, PathFacts>;
  readonly security: SecurityFacts;
  readonly servers: ReturnType<typeof servers>;
  readonly onLoss: OnLoss;
};

async function seeItem(placed: PlacedItem, api: Api): Promise<void> {
  const { item, place, folders } = placed;
  const { request } = item;
  const url = absolute(writtenUrl(request.url));
  if (url === '') return api.onLoss({ kind: 'requests without a URL', place });
  const method = METHODS.find((one) => one === request.method.toLowerCase());
  if (method === undefined) {
    return api.onLoss({ kind: `requests with the method ${request.method}`, place });
  }
  const parts = splitUrl(url);
  const { path, values } = templatePath(parts.path ?? [], request.url.parts?.variables ?? []);
  const known = api.paths.get(path) ?? { servers: new Map(), operations: new Map() };
  api.paths.set(path, known);
  const server = api.servers.see(parts, placed.variables);
  known.servers.set(server.url, server);
  if (known.operations.has(method))
    api.onLoss({ kind: 'the names of further requests for the same operation', place });
  const operation = known.operations.get(method) ?? {
    facts: operationFacts(api.security),
    summary: item.name || `${request.method} ${path}`,
    description: described(placed),
    tags: folders.length === 0 ? [] : [folders.map(({ name }) => name).join(' / ')],
  };
  known.operations.set(method, operation);
  const asked = authHeaders(placed, api.onLoss);
  for (const call of callsOf(placed, (text) => text)) {
    const exchange = exchangeOf(call, asked, url);
    await operation.facts.see(exchange, values, withoutVariables(exchange));
  }
}

/** What is said of an item, and what OpenAPI cannot say of it. */
function described({ item, auth }: PlacedItem): string | undefined {
  const said = saidOf(item);
  if (auth === undefined || KNOWN_AUTH.has(auth.type)) return said;
  const note = `Its auth is of type ${auth.type}, which OpenAPI does not know.`;
  return said === undefined ? note : `${said}\n\n${note}`;
}

const KNOWN_AUTH = new Set(['basic', 'bearer', 'apikey', 'oauth2', 'jwt', 'digest']);

/** What says that a helper asks whose words are only made when it does. */
function authHeaders({ auth, place }: PlacedItem, onLoss: OnLoss): Header[] {
  switch (auth?.type) {
    case undefined:
    case 'basic':
    case 'bearer':
    case 'apikey':
      return [];
    case 'oauth2':
    case 'jwt':
      return [['Authorization', 'Bearer token']];
    case 'digest':
      return [['Authorization', 'Digest credentials']];
    default:
      onLoss({ kind: `auth of type ${auth?.type}`, place });
      return [];
  }
}

/** A call as one of a server that needs no variables, so that its query can be told. */
function exchangeOf(
  { request, response, endMs }: ReturnType<typeof callsOf>[number],
  added: readonly Header[],
  url: string,
): Exchange {
  const query = /\?([^#]*)/.exec(request.url)?.[0] ?? '';
  const isAsked = request.headers.some(([name]) => name.toLowerCase() === 'authorization');
  return {
    id: url,
    seq: 1,
    startedAt: 0,
    request: {
      ...request,
      url: `http://server/${query}`,
      headers: isAsked ? request.headers : [...request.headers, ...added],
    },
    outcome: { kind: 'completed', ...(response && { response }) },
    timings: { endMs },
    connection: {},
  };
}

/** A value that is a variable is no example. */
function withoutVariables(exchange: Exchange): Exchange {
  const { request } = exchange;
  const without = (text: string) => text.replace(/\{\{[^{}]*\}\}/g, '');
  const headers = request.headers.map(([name, value]): Header => [name, without(value)]);
  return { ...exchange, request: { ...request, url: without(request.url), headers } };
}

function pathItems(
  paths: ReadonlyMap<string, PathFacts>,
  serverCount: number,
): Record<string, PathItem> {
  const idOf = operationIds();
  return Object.fromEntries(
    [...paths].map(([path, { servers: own, operations }]) => {
      const written = [...operations].map(([method, { facts, summary, description, tags }]) => {
        const operation = facts.operation(idOf(method, path), summary);
        const { operationId, summary: title, ...rest } = operation;
        return [
          method,
          {
            operationId,
            summary: title,
            ...(description === undefined ? {} : { description }),
            ...(tags.length === 0 ? {} : { tags }),
            ...rest,
          },
        ] as const;
      });
      const everywhere = own.size === serverCount;
      return [
        path,
        { ...(everywhere ? {} : { servers: [...own.values()] }), ...Object.fromEntries(written) },
      ];
    }),
  );
}
