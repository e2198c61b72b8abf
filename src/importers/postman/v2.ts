import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readAs } from '../../har/reading.ts';
import { attempted, type OnFault } from '../input.ts';
import {
  type Call,
  type CallBody,
  type CallRequest,
  type CallResponse,
  emptyScope,
  type Field,
  type FormField,
  nested,
  type Scope,
} from './call.ts';
import {
  anything,
  auth,
  behavior,
  formField,
  hasPlainType,
  headers,
  isEnabled,
  pairs,
  RAW_TYPES,
  text,
  written,
} from './fields.ts';

const folder = z.looseObject({ item: z.array(z.unknown()).optional(), auth, variable: pairs });

const urlParts = z.looseObject({
  raw: z.string().nullish(),
  protocol: text,
  host: z.union([z.array(text), text]),
  port: text,
  path: z.union([z.array(z.union([text, z.looseObject({ value: text })])), text]),
  query: z.array(z.looseObject({ key: text, value: anything, disabled: anything })).nullish(),
  variable: pairs,
});

const body = z.looseObject({
  mode: z.string().nullish(),
  disabled: anything,
  raw: text,
  urlencoded: z.union([pairs, z.string()]),
  formdata: z.array(formField).nullish(),
  file: z.union([z.string(), z.looseObject({ src: z.string().nullish() })]).nullish(),
  graphql: z.looseObject({ query: text, operationName: text, variables: anything }).nullish(),
  options: z
    .looseObject({ raw: z.looseObject({ language: z.string().optional() }).optional() })
    .nullish()
    .catch(undefined),
});

const request = z.union([
  z
    .string()
    .transform((url) => ({ url, method: 'GET', header: [], body: undefined, auth: undefined })),
  z.looseObject({
    url: z.union([z.string(), urlParts]).nullish(),
    method: text,
    header: headers,
    body: body.nullish(),
    auth,
  }),
]);

const response = z.looseObject({
  originalRequest: request.nullish(),
  code: z.number().nullish(),
  status: text,
  header: headers,
  body: z.string().nullish(),
  responseTime: anything,
});

const item = z.looseObject({
  request,
  response: z.array(response).nullish(),
  variable: pairs,
  protocolProfileBehavior: behavior,
});

type ReadRequest = z.infer<typeof request>;
type ReadBody = z.infer<typeof body>;
type ReadUrl = z.infer<typeof urlParts>;

/** The calls of a collection v2.0 or v2.1, in its order. */
export function callsOfV2(collection: unknown, onFault: OnFault): Call[] {
  const read = readAs(folder, collection, 'collection');
  if (read.item === undefined) throw new UserError('item is missing.');
  const schema = written((read['info'] as { schema?: unknown } | undefined)?.schema);
  const version = /\/collection\/v(\d[\d.]*)/.exec(schema)?.[1] ?? '2';
  if (!version.startsWith('2'))
    onFault(
      new UserError(`info.schema names version ${version}; as a file, 1, 2.0 and 2.1 are known.`),
    );
  return callsIn(read, onFault);
}

/** A folder that is being read. */
type OpenFolder = {
  readonly entries: Iterator<[number, unknown]>;
  readonly scope: Scope;
  /** Where it stands, with a dot at its end. */
  readonly path: string;
};

function opened(
  { item = [], auth, variable }: z.infer<typeof folder>,
  outer: Scope,
  path: string,
): OpenFolder {
  return { entries: item.entries(), scope: nested(outer, variable, auth), path };
}

/** Keeps the open folders in a list, not on the call stack: their depth is data. */
function callsIn(root: z.infer<typeof folder>, onFault: OnFault): Call[] {
  const calls: Call[] = [];
  const open = [opened(root, emptyScope, '')];
  const read = (entry: unknown, { scope }: OpenFolder, place: string): Call[] => {
    const inner = readAs(folder, entry, place);
    if (inner.item === undefined) return callsOf(entry, scope, place);
    open.push(opened(inner, scope, `${place}.`));
    return [];
  };
  for (let around = open.at(-1); around !== undefined; around = open.at(-1)) {
    const { value, done } = around.entries.next();
    if (done) {
      open.pop();
      continue;
    }
    const [at, entry] = value;
    const found = attempted(() => read(entry, around, `${around.path}item[${at}]`), onFault);
    for (const call of found ?? []) calls.push(call);
  }
  return calls;
}

function callsOf(entry: unknown, outer: Scope, path: string): Call[] {
  const read = readAs(item, entry, path);
  const scope = nested(outer, read.variable, undefined);
  const plainType = hasPlainType(read.protocolProfileBehavior);
  const own = requestOf(read.request, path, plainType);
  const common = { path, scope, startedAt: 0 };
  const examples = read.response ?? [];
  if (examples.length === 0) return [{ ...common, request: own }];
  return examples.map((example, at): Call => {
    const place = `${path}.response[${at}]`;
    const original =
      example.originalRequest && requestOf(example.originalRequest, place, plainType);
    const auth = original?.auth ?? own.auth;
    return {
      ...common,
      request: original ? { ...original, ...(auth && { auth }) } : own,
      response: responseOf(example),
    };
  });
}

function requestOf(read: ReadRequest, path: string, plainType: boolean): CallRequest {
  const { url, method, header, auth } = read;
  const body = read.body && bodyOf(read.body);
  const raw = typeof url === 'string' ? url : url && rawUrl(url);
  if (!raw) throw new UserError(`${path}.request.url is missing.`);
  return {
    method,
    url: raw,
    pathVariables: typeof url === 'object' ? (url?.variable ?? []) : [],
    headers: header,
    ...(body && { body }),
    ...(auth && { auth }),
    ...(plainType && { plainType }),
  };
}

function rawUrl({ raw, protocol, host, port, path, query }: ReadUrl): string {
  if (raw) return raw;
  const authority = Array.isArray(host) ? host.join('.') : host;
  const segments = Array.isArray(path)
    ? path.map((segment) => (typeof segment === 'string' ? segment : segment.value)).join('/')
    : path.replace(/^\//, '');
  const pairs = (query ?? [])
    .filter(isEnabled)
    .map(({ key, value }) => (value == null ? key : `${key}=${String(value)}`));
  const scheme = protocol === '' ? '' : `${protocol.replace(/:?\/*$/, '')}://`;
  const search = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  if (authority === '') return '';
  return `${scheme}${authority}${port === '' ? '' : `:${port}`}${segments === '' ? '' : `/${segments}`}${search}`;
}

function bodyOf(read: ReadBody): CallBody | undefined {
  if (read.disabled === true) return undefined;
  switch (read.mode) {
    case 'raw': {
      const type = RAW_TYPES[read.options?.raw?.language ?? ''];
      return { mode: 'raw', text: read.raw, ...(type && { type }) };
    }
    case 'urlencoded': {
      const { urlencoded } = read;
      const fields = typeof urlencoded === 'string' ? formFields(urlencoded) : urlencoded;
      return { mode: 'urlencoded', fields };
    }
    case 'formdata':
      return { mode: 'formdata', fields: (read.formdata ?? []).filter(isEnabled).map(formFieldOf) };
    case 'file': {
      const src = typeof read.file === 'string' ? read.file : read.file?.src;
      return src ? { mode: 'file', src } : undefined;
    }
    case 'graphql':
      return read.graphql ? graphqlOf(read.graphql) : undefined;
    default:
      return undefined;
  }
}

function formFields(encoded: string): Field[] {
  return [...new URLSearchParams(encoded)];
}

function formFieldOf({ key, value, type, src, ...rest }: z.infer<typeof formField>): FormField {
  const files = src == null ? [] : [src].flat();
  return {
    name: key,
    value: type === 'file' ? files : value,
    ...(rest.contentType && { contentType: rest.contentType }),
    ...(rest.fileName && { fileName: rest.fileName }),
  };
}

function graphqlOf(graphql: NonNullable<ReadBody['graphql']>): CallBody {
  const { query, operationName, variables } = graphql;
  const given = typeof variables === 'string' || variables == null ? variables : written(variables);
  return {
    mode: 'graphql',
    query,
    ...(operationName && { operationName }),
    ...(given && { variables: given }),
  };
}

function responseOf(read: z.infer<typeof response>): CallResponse {
  const { code, status, header, body, responseTime } = read;
  return {
    status: code ?? 200,
    statusText: status,
    headers: header,
    ...(body != null && { text: body }),
    durationMs: typeof responseTime === 'number' && responseTime >= 0 ? responseTime : 0,
  };
}
