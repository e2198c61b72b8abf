import type { PathValue } from '../../analysis/endpoints/path-templates.ts';
import type { Collection, CollectionHead, RecordedCall } from '../../collection.ts';
import { callsOf } from '../../document/exchanges.ts';
import { type PlacedItem, stepsOf } from '../../document/items.ts';
import { type OnLoss, tellLosses } from '../../document/losses.ts';
import { absolute } from '../../document/sent-request.ts';
import { plainText, saidOf } from '../../document/text.ts';
import { splitUrl, writtenUrl } from '../../document/url.ts';
import type { Header } from '../../exchange.ts';
import { parseTarget } from '../../http/target.ts';
import type { GivenOptions } from '../exporter.ts';
import {
  METHODS,
  type Method,
  type OpenApiDocument,
  type PathItem,
  type Server,
} from './document.ts';
import { type Call, type OperationFacts, operationFacts } from './operation.ts';
import { operationIds } from './operation-ids.ts';
import { type SecurityFacts, securityFacts } from './security.ts';
import { servers } from './servers.ts';
import { templatePath, WRITTEN } from './template-path.ts';

type Documented = {
  readonly facts: OperationFacts;
  readonly summary: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
};

type PathFacts = {
  readonly path: string;
  readonly servers: Map<string, Server>;
  readonly operations: Map<Method, Documented>;
};

/**
 * Describes the requests of a collection: an operation for each method and path, in their order, and servers with the
 * variables in hosts. `:name` and variables in paths are parameters. A recorded item describes its operation by all of
 * its calls, a written item by its request and examples.
 */
export async function describedApi(
  collection: Collection,
  options: GivenOptions,
): Promise<OpenApiDocument> {
  const onLoss = options.onLoss ?? (() => {});
  const api: Api = {
    paths: new Map(),
    security: securityFacts(),
    servers: servers(options.environment ?? new Map()),
    leftOut: new Set(),
    called: new WeakMap(),
    onLoss,
  };
  let head: CollectionHead | undefined;
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss, { examples: true });
    if (step.kind === 'head') head = step.head;
    else if (step.kind === 'call') await seeCall(step, api);
    else if (step.kind === 'item' && !step.placed.call) await seeItem(step.placed, api);
  }
  const all = api.servers.all();
  const { schemes } = api.security;
  return {
    openapi: '3.1.1',
    info: {
      title: head?.name || options.name,
      version: '1.0.0',
      description: head?.recorded
        ? inferredFrom(api)
        : (plainText(head?.description) ?? 'The requests of a collection.'),
    },
    // Without servers, the default is the server that the document comes from.
    servers: all.length === 0 ? [{ url: '/' }] : all,
    security: [],
    paths: pathItems(api.paths, all.length),
    ...(schemes.size === 0 ? {} : { components: { securitySchemes: Object.fromEntries(schemes) } }),
  };
}

function inferredFrom({ leftOut }: Api): string {
  const recorded = 'Inferred from recorded traffic: operations that were not called are missing.';
  if (leftOut.size === 0) return recorded;
  return `${recorded} Left out, because OpenAPI does not support their methods: ${[...leftOut].join(', ')}.`;
}

type Api = {
  readonly paths: Map<string, PathFacts>;
  readonly security: SecurityFacts;
  readonly servers: ReturnType<typeof servers>;
  /** Methods of recorded calls that OpenAPI cannot describe. */
  readonly leftOut: Set<string>;
  /** Operations by recorded item: an item may have many calls. */
  readonly called: WeakMap<PlacedItem, Called>;
  readonly onLoss: OnLoss;
};

type RecordedStep = {
  readonly placed: PlacedItem;
  readonly call: RecordedCall;
  readonly original: RecordedCall;
};

/** The operation to which an item's calls belong. */
type Called = {
  readonly facts: OperationFacts;
  readonly parameters: readonly PathValue[];
};

async function seeCall(step: RecordedStep, api: Api): Promise<void> {
  const { placed, call, original } = step;
  const called = api.called.get(placed) ?? calledOperation(step, api);
  if (called === undefined) return;
  api.called.set(placed, called);
  const segments = parseTarget(call.request.url).path.split('/').slice(1);
  const sent = called.parameters.map((one) => ({ ...one, value: segments[one.index] ?? '' }));
  await called.facts.see(original, sent, call);
}

function calledOperation({ placed, call }: RecordedStep, api: Api): Called | undefined {
  const { url, method: name } = placed.item.request;
  const method = methodOf(name);
  if (method === undefined) {
    api.leftOut.add(name);
    return undefined;
  }
  const parts = { ...url.parts, host: url.parts?.host?.map((label) => label.toLowerCase()) ?? [] };
  const variables = new Set(parts.variables?.map(({ key }) => key));
  const { path, values } = templatePath(parts, {
    isParameter: (word) => variables.has(word),
    isVariable: call.isVariable,
    encoding: 'latin1',
  });
  const known = pathFacts(path, api.paths);
  const server = api.servers.see(parts, placed.variables);
  known.servers.set(server.url, server);
  const operation = known.operations.get(method) ?? {
    facts: operationFacts(api.security),
    summary: `${method.toUpperCase()} ${known.path}`,
    description: undefined,
    tags: tagsOf(placed),
  };
  known.operations.set(method, operation);
  const names = parameterNames(known.path);
  const parameters = values.map((one, at) => ({ ...one, name: names[at] ?? one.name }));
  return { facts: operation.facts, parameters };
}

async function seeItem(placed: PlacedItem, api: Api): Promise<void> {
  const { item, place } = placed;
  const { request } = item;
  const url = absolute(writtenUrl(request.url));
  if (url === '') return api.onLoss({ kind: 'requests without a URL', place });
  const method = methodOf(request.method);
  if (method === undefined) {
    return api.onLoss({ kind: `requests with the method ${request.method}`, place });
  }
  const parts = { ...splitUrl(url), variables: request.url.parts?.variables ?? [] };
  const { path, values } = templatePath(parts, WRITTEN);
  const known = pathFacts(path, api.paths);
  const server = api.servers.see(parts, placed.variables);
  known.servers.set(server.url, server);
  if (known.operations.has(method))
    api.onLoss({ kind: 'the names of further requests for the same operation', place });
  const operation = known.operations.get(method) ?? {
    facts: operationFacts(api.security),
    summary: item.name || `${request.method} ${path}`,
    description: described(placed),
    tags: tagsOf(placed),
  };
  known.operations.set(method, operation);
  const names = parameterNames(known.path);
  const named = values.map((one, at) => ({ ...one, name: names[at] ?? one.name }));
  const asked = authHeaders(placed, api.onLoss);
  for (const call of callsOf(placed, (text) => text)) {
    const seen = onServer(call, asked);
    await operation.facts.see(seen, named, withoutVariables(seen));
  }
}

function methodOf(name: string): Method | undefined {
  return METHODS.find((one) => one === name.toLowerCase());
}

function tagsOf({ folders }: PlacedItem): string[] {
  return folders.length === 0 ? [] : [folders.map(({ name }) => name).join(' / ')];
}

/** Paths that differ only in parameter names are identical (OpenAPI 3.1.1, 4.8.8.1): the first provides the names. */
function pathFacts(path: string, paths: Map<string, PathFacts>): PathFacts {
  const key = path.replace(/\{[^{}]*\}/g, '{}');
  const known = paths.get(key) ?? { path, servers: new Map(), operations: new Map() };
  paths.set(key, known);
  return known;
}

function parameterNames(path: string): (string | undefined)[] {
  return [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name);
}

/** The description of an item, and the facts that OpenAPI cannot express. */
function described({ item, auth }: PlacedItem): string | undefined {
  const said = saidOf(item);
  if (auth === undefined || KNOWN_AUTH.has(auth.type)) return said;
  const note = `Its auth is of type ${auth.type}, which OpenAPI does not support.`;
  return said === undefined ? note : `${said}\n\n${note}`;
}

const KNOWN_AUTH = new Set(['basic', 'bearer', 'apikey', 'oauth2', 'jwt', 'digest']);

/** Placeholder headers for auth helpers that compute credentials when the request is sent. */
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

/** Moves a call to a server without variables, so that its query can be parsed. */
function onServer({ request, response }: Call, added: readonly Header[]): Call {
  const query = /\?([^#]*)/.exec(request.url)?.[0] ?? '';
  const isAsked = request.headers.some(([name]) => name.toLowerCase() === 'authorization');
  return {
    request: {
      ...request,
      url: `http://server/${query}`,
      headers: isAsked ? request.headers : [...request.headers, ...added],
    },
    ...(response && { response }),
  };
}

/** Removes values that are variables: they are not examples. */
function withoutVariables(call: Call): Call {
  const { request } = call;
  const without = (text: string) => text.replace(/\{\{[^{}]*\}\}/g, '');
  const headers = request.headers.map(([name, value]): Header => [name, without(value)]);
  return { ...call, request: { ...request, url: without(request.url), headers } };
}

function pathItems(
  paths: ReadonlyMap<string, PathFacts>,
  serverCount: number,
): Record<string, PathItem> {
  const idOf = operationIds();
  return Object.fromEntries(
    [...paths.values()].map(({ path, servers: own, operations }) => {
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
