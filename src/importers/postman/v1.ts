import { z } from 'zod';
import { readAs } from '../../har/reading.ts';
import { attempted, type OnFault } from '../input.ts';
import {
  type Auth,
  type Call,
  type CallBody,
  type CallRequest,
  type CallResponse,
  emptyScope,
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

const ids = z.array(z.string()).nullish();
const folder = z.looseObject({ id: text, order: ids, folders_order: ids, auth, variables: pairs });
const collection = folder.extend({
  folders: z.array(folder).nullish(),
  requests: z.array(z.unknown()),
});

const field = formField.extend({ value: anything, enabled: anything });

const response = z.looseObject({
  request: anything,
  requestObject: anything,
  responseCode: z.looseObject({ code: z.number().nullish(), name: text }).nullish(),
  headers,
  text: z.string().nullish(),
  time: anything,
});

const request = z.looseObject({
  id: text,
  url: z.string().min(1, 'is empty'),
  method: text,
  headers: z.string().nullish(),
  headerData: pairs,
  data: z.union([z.string(), z.array(field)]).nullish(),
  rawModeData: anything,
  dataOptions: z
    .looseObject({ raw: z.looseObject({ language: z.string().optional() }).optional() })
    .nullish()
    .catch(undefined),
  dataMode: z.string().nullish(),
  graphqlModeData: z
    .looseObject({ query: text, operationName: text, variables: anything })
    .nullish(),
  protocolProfileBehavior: behavior,
  pathVariables: pairs,
  pathVariableData: pairs,
  auth,
  currentHelper: z.string().nullish(),
  helperAttributes: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  responses: z.array(response).nullish(),
  timestamp: anything,
});

type ReadRequest = z.infer<typeof request>;
type ReadFolder = z.infer<typeof folder>;

/** The calls of a collection v1, the ancestor's too, in its order; requests that no folder names come last. */
export function callsOfV1(given: unknown, onFault: OnFault): Call[] {
  const { requests, folders, ...root } = readAs(collection, given, 'collection');
  const left = new Map(requests.map((entry, at) => [idOf(entry) ?? `${at}`, { entry, at }]));
  const byId = new Map((folders ?? []).map((inner) => [inner.id, inner]));
  const calls: Call[] = [];
  const take = (id: string, scope: Scope) => {
    const found = left.get(id);
    left.delete(id);
    if (found) {
      const read = () => callsOf(found.entry, scope, `requests[${found.at}]`);
      for (const call of attempted(read, onFault) ?? []) calls.push(call);
    }
  };
  /** What is left to do, the next step last: how deep folders are nested is data, and not for the call stack. */
  const steps: (() => void)[] = [];
  const enter = (inner: ReadFolder, outer: Scope) => {
    const scope = nested(outer, inner.variables, inner.auth);
    steps.push(() => {
      for (const id of inner.order ?? []) take(id, scope);
    });
    // The app shows folders above requests.
    for (const id of (inner.folders_order ?? []).toReversed())
      steps.push(() => {
        const below = byId.get(id);
        if (below && byId.delete(id)) enter(below, scope);
      });
  };
  const walk = (inner: ReadFolder, outer: Scope) => {
    enter(inner, outer);
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) step();
  };
  walk(root, emptyScope);
  const scope = nested(emptyScope, root.variables, root.auth);
  for (const inner of [...byId.values()]) if (byId.delete(inner.id)) walk(inner, scope);
  for (const id of [...left.keys()]) take(id, scope);
  return calls;
}

function idOf(entry: unknown): string | undefined {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}

function callsOf(entry: unknown, scope: Scope, path: string): Call[] {
  const read = readAs(request, entry, path);
  const common = { path, scope, request: requestOf(read), startedAt: timeOf(read.timestamp) };
  const examples = read.responses ?? [];
  if (examples.length === 0) return [common];
  return examples.map((example): Call => {
    const original = originalOf(example);
    const auth = original?.auth ?? common.request.auth;
    const asked = original && { ...original, ...(auth && { auth }) };
    return { ...common, response: responseOf(example), ...(asked && { request: asked }) };
  });
}

/** What an example was the answer to, which is saved as an object, as JSON in a text, or not at all. */
function originalOf({ request: asked, requestObject }: z.infer<typeof response>) {
  const given =
    typeof requestObject === 'string' ? parsed(requestObject) : (requestObject ?? asked);
  const read = request.safeParse(given);
  return read.success ? requestOf(read.data) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The ancestor counted seconds, the app milliseconds. */
function timeOf(timestamp: unknown): number {
  if (typeof timestamp !== 'number' || !(timestamp > 0)) return 0;
  return Math.round(timestamp < 1e11 ? timestamp * 1000 : timestamp);
}

function requestOf(read: ReadRequest): CallRequest {
  const { url, method, headerData, pathVariables, pathVariableData } = read;
  const parsed = headers.safeParse(read.headers ?? []);
  const lines = parsed.success ? parsed.data : [];
  const body = bodyOf(read);
  const auth = read.auth ?? helperAuth(read);
  return {
    method,
    url,
    pathVariables: [...pathVariables, ...pathVariableData],
    headers: headerData.length > 0 ? headerData : lines,
    ...(body && { body }),
    ...(auth && { auth }),
    ...(hasPlainType(read.protocolProfileBehavior) && { plainType: true }),
  };
}

/** `basicAuth`, `bearerAuth`: what auth was called before there was `auth`. */
function helperAuth({ currentHelper, helperAttributes }: ReadRequest): Auth | undefined {
  if (!currentHelper || !helperAttributes) return undefined;
  const values = Object.entries(helperAttributes).map(
    ([name, value]) => [name, written(value)] as const,
  );
  return { type: currentHelper.replace(/Auth$/, ''), values: new Map(values) };
}

function bodyOf({
  data,
  rawModeData,
  graphqlModeData,
  ...read
}: ReadRequest): CallBody | undefined {
  const fields = Array.isArray(data) ? data.filter(isEnabled) : [];
  switch (read.dataMode) {
    case 'raw': {
      const raw = typeof rawModeData === 'string' && rawModeData !== '' ? rawModeData : data;
      const type = RAW_TYPES[read.dataOptions?.raw?.language ?? ''];
      if (typeof raw !== 'string') return undefined;
      return { mode: 'raw', text: raw, ...(type && { type }) };
    }
    case 'urlencoded':
      return fields.length === 0
        ? undefined
        : { mode: 'urlencoded', fields: fields.map(({ key, value }) => [key, written(value)]) };
    case 'params':
      return fields.length === 0
        ? undefined
        : { mode: 'formdata', fields: fields.map(formFieldOf) };
    case 'binary':
      return typeof rawModeData === 'string' && rawModeData !== ''
        ? { mode: 'file', src: rawModeData }
        : undefined;
    case 'graphql':
      return graphqlModeData ? graphqlOf(graphqlModeData) : undefined;
    default:
      return undefined;
  }
}

function formFieldOf({ key, value, type, ...rest }: z.infer<typeof field>): FormField {
  // Where nobody chose a file, there is an empty name.
  const isFile = (src: unknown): src is string => typeof src === 'string' && src !== '';
  return {
    name: key,
    value: type === 'file' ? [value].flat().filter(isFile) : written(value),
    ...(rest.contentType && { contentType: rest.contentType }),
    ...(rest.fileName && { fileName: rest.fileName }),
  };
}

function graphqlOf({
  query,
  operationName,
  variables,
}: NonNullable<ReadRequest['graphqlModeData']>): CallBody {
  const given = written(variables);
  return {
    mode: 'graphql',
    query,
    ...(operationName && { operationName }),
    ...(given && { variables: given }),
  };
}

function responseOf(read: z.infer<typeof response>): CallResponse {
  const { responseCode, headers, text: body, time } = read;
  return {
    status: responseCode?.code ?? 200,
    statusText: responseCode?.name ?? '',
    headers,
    ...(body != null && { text: body }),
    durationMs: Math.max(Number(time) || 0, 0),
  };
}
