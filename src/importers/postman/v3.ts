import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeError, errorCode, UserError } from '../../errors.ts';
import { readAs } from '../../har/reading.ts';
import { attempted, type OnFault } from '../input.ts';
import {
  type Call,
  type CallBody,
  type CallRequest,
  emptyScope,
  nested,
  type Scope,
} from './call.ts';
import {
  anything,
  auth,
  formField,
  headers,
  isEnabled,
  pairs,
  RAW_TYPES,
  text,
  written,
} from './fields.ts';

const order = z.number().catch(0);
const anyAuth = z.union([z.array(auth).transform(([first]) => first), auth]);
const definition = z.looseObject({ order, auth: anyAuth, variables: pairs });

const request = z.looseObject({
  $kind: text,
  url: z.string().min(1, 'is empty'),
  method: text,
  headers,
  pathVariables: pairs,
  body: z.looseObject({ type: text, content: anything }).nullish(),
  query: text,
  operationName: text,
  variables: anything,
  auth: anyAuth,
  order,
});

const example = z.looseObject({
  request: request.partial({ url: true }).nullish(),
  response: z
    .looseObject({
      statusCode: z.number().catch(200),
      statusText: text,
      headers,
      body: z.looseObject({ content: anything }).nullish(),
      responseTime: anything,
    })
    .nullish(),
  order,
});

type ReadRequest = z.infer<typeof request>;

const REQUEST_ENDING = '.request.yaml';
const EXAMPLE_ENDING = '.example.yaml';
const HTTP_KINDS = new Set(['http-request', 'graphql-request', '']);

/** The calls of a collection v3, in the order that its files give. Requests of other protocols are left out. */
export function callsOfV3(folder: string, onFault: OnFault): Call[] {
  return callsIn(folder, folder, emptyScope, onFault).calls;
}

type Ordered = { readonly order: number; readonly calls: Call[] };

function callsIn(root: string, folder: string, outer: Scope, onFault: OnFault): Ordered {
  const nothing = { order: 0, auth: undefined, variables: [] };
  const own = attempted(() => definitionOf(root, folder), onFault) ?? nothing;
  const scope = nested(outer, own.variables, own.auth);
  const found = entriesOf(root, folder, onFault)
    .sort(byName)
    .flatMap((entry): Ordered | [] => {
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        return callsIn(root, join(folder, entry.name), scope, onFault);
      if (!entry.name.endsWith(REQUEST_ENDING)) return [];
      return attempted(() => callsOf(root, folder, entry.name, scope), onFault) ?? [];
    });
  found.sort((a, b) => a.order - b.order);
  return { order: own.order, calls: found.flatMap(({ calls }) => calls) };
}

/** What is in a folder; a path may be longer than the system opens. */
function entriesOf(root: string, folder: string, onFault: OnFault): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    const name = relative(root, folder).slice(-100);
    onFault(new UserError(`…${name}: ${errorCode(cause) ?? describeError(cause)}`, { cause }));
    return [];
  }
}

// The order of a folder's listing is the system's.
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function definitionOf(root: string, folder: string): z.infer<typeof definition> {
  const path = join(folder, '.resources', 'definition.yaml');
  const value = readYaml(root, path, {});
  return readAs(definition, value, relative(root, path));
}

/** @param missing what stands for a file that is not there; without it that is a fault */
function readYaml(root: string, path: string, missing?: object): unknown {
  const name = relative(root, path);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    if (missing !== undefined) return missing;
    throw new UserError(`${name}: ${describeError(cause)}`, { cause });
  }
  try {
    return parse(content);
  } catch (cause) {
    throw new UserError(`${name}: ${describeError(cause).split('\n')[0]?.replace(/:$/, '.')}`, {
      cause,
    });
  }
}

function callsOf(root: string, folder: string, name: string, scope: Scope): Ordered {
  const path = relative(root, join(folder, name));
  const read = readAs(request, readYaml(root, join(folder, name)), path);
  if (!HTTP_KINDS.has(read.$kind)) return { order: read.order, calls: [] };
  const own = requestOf(read);
  const examples = examplesOf(root, folder, name);
  if (examples.length === 0)
    return { order: read.order, calls: [{ path, request: own, scope, startedAt: 0 }] };
  const calls = examples.map(({ path: place, request: asked, response }): Call => {
    const original = asked?.url ? requestOf({ ...asked, url: asked.url }) : own;
    const auth = original.auth ?? own.auth;
    return {
      path: place,
      request: { ...original, ...(auth && { auth }) },
      ...(response && {
        response: {
          status: response.statusCode,
          statusText: response.statusText,
          headers: response.headers,
          ...(response.body && { text: written(response.body.content) }),
          durationMs: Math.max(Number(response.responseTime) || 0, 0),
        },
      }),
      scope,
      startedAt: 0,
    };
  });
  return { order: read.order, calls };
}

function examplesOf(root: string, folder: string, name: string) {
  const resources = `${name.slice(0, -REQUEST_ENDING.length)}.resources`;
  const examples = join(folder, '.resources', resources, 'examples');
  return listed(examples)
    .filter((file) => file.endsWith(EXAMPLE_ENDING))
    .sort()
    .map((file) => {
      const path = relative(root, join(examples, file));
      return { path, ...readAs(example, readYaml(root, join(examples, file)), path) };
    })
    .sort((a, b) => a.order - b.order);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function requestOf(read: ReadRequest): CallRequest {
  const body = read.$kind === 'graphql-request' ? graphqlOf(read) : read.body && bodyOf(read.body);
  return {
    method: read.method || (read.$kind === 'graphql-request' ? 'POST' : 'GET'),
    url: read.url,
    pathVariables: read.pathVariables,
    headers: read.headers,
    ...(body && { body }),
    ...(read.auth && { auth: read.auth }),
  };
}

function graphqlOf({ query, operationName, variables }: ReadRequest): CallBody {
  const given = written(variables);
  return {
    mode: 'graphql',
    query,
    ...(operationName && { operationName }),
    ...(given && { variables: given }),
  };
}

function bodyOf({ type, content }: NonNullable<ReadRequest['body']>): CallBody | undefined {
  switch (type) {
    case '':
    case 'none':
      return undefined;
    case 'urlencoded':
      return { mode: 'urlencoded', fields: readAs(pairs, content, 'body.content') };
    case 'formdata':
      return {
        mode: 'formdata',
        fields: readAs(z.array(formField), content, 'body.content')
          .filter(isEnabled)
          .map(({ key, value, type: kind, src, ...rest }) => ({
            name: key,
            value: kind === 'file' ? (src == null ? [] : [src].flat()) : value,
            ...(rest.contentType && { contentType: rest.contentType }),
            ...(rest.fileName && { fileName: rest.fileName }),
          })),
      };
    case 'file': {
      const { src } = readAs(z.looseObject({ src: text }), content, 'body.content');
      return src === '' ? undefined : { mode: 'file', src };
    }
    default: {
      const sent = type === 'text' ? undefined : RAW_TYPES[type];
      return { mode: 'raw', text: written(content), ...(sent && { type: sent }) };
    }
  }
}
