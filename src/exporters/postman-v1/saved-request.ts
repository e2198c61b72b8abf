import type {
  Example,
  FormField,
  Item,
  ItemBody,
  ItemRequest,
  Parameter,
  Variable,
} from '../../collection.ts';
import { plainText, saidOf } from '../../document/text.ts';
import { writtenUrl } from '../../document/url.ts';
import type { JsonObject } from '../../json/object.ts';

/** A request of version 1 as the app saved it, without the members that it shares with folders. */
export function savedRequest(item: Item): JsonObject {
  const { name, request, startedAt } = item;
  const said = saidOf(item);
  return {
    name,
    ...(said === undefined ? {} : { description: said }),
    ...requestMembers(request),
    ...(startedAt === undefined ? {} : { timestamp: startedAt }),
  };
}

function requestMembers({ method, url, headers, body }: ItemRequest): JsonObject {
  const { query = [], variables = [] } = url.parts ?? {};
  return {
    url: writtenUrl(url),
    method,
    headers: headers.map(headerLine).join(''),
    headerData: headers.map(parameter),
    queryParams: query.map(parameter),
    pathVariableData: variables.map(pathVariable),
    ...(body && bodyMembers(body)),
  };
}

function headerLine({ key, value, disabled }: Parameter): string {
  return `${disabled ? '//' : ''}${key}: ${value}\n`;
}

function parameter({ key, value, disabled, description }: Parameter): JsonObject {
  const said = plainText(description);
  return {
    key,
    value,
    ...(said === undefined ? {} : { description: said }),
    enabled: !disabled,
  };
}

function pathVariable({ key, value, description }: Variable): JsonObject {
  const said = plainText(description);
  return { key, value, ...(said === undefined ? {} : { description: said }) };
}

function bodyMembers(body: ItemBody): JsonObject {
  const { options, disabled } = body;
  const language = body.mode === 'raw' ? body.language : undefined;
  const all = language === undefined ? options : { ...options, raw: { language } };
  return {
    ...dataMembers(body),
    ...(all && { dataOptions: all }),
    ...(disabled && { dataDisabled: true }),
  };
}

function dataMembers(body: ItemBody): JsonObject {
  switch (body.mode) {
    case 'raw':
      return { dataMode: 'raw', data: [], rawModeData: body.text };
    case 'urlencoded':
      return { dataMode: 'urlencoded', data: body.fields.map(parameter) };
    case 'formdata':
      return { dataMode: 'params', data: body.fields.map(formField) };
    case 'file':
      return { dataMode: 'binary', ...(body.src === null ? {} : { rawModeData: body.src }) };
    case 'graphql': {
      const { query, operationName, variables } = body;
      const named = operationName === undefined ? {} : { operationName };
      return {
        dataMode: 'graphql',
        graphqlModeData: { query, ...named, ...(variables === undefined ? {} : { variables }) },
      };
    }
    case 'none':
      return {};
  }
}

function formField(field: FormField): JsonObject {
  const { type, src, contentType, fileName } = field;
  return {
    ...parameter(field),
    ...(type === 'file' ? { value: src ?? [] } : {}),
    type,
    ...(contentType === undefined ? {} : { contentType }),
    ...(fileName === undefined ? {} : { fileName }),
  };
}

/** A saved response of version 1; it contains the request as a JSON string and as an object. */
export function savedResponse(example: Example, id: string): JsonObject {
  const {
    name,
    status,
    code,
    headers,
    body,
    language,
    cookies = [],
    request,
    durationMs,
  } = example;
  const asked = request && { id, ...requestMembers(request) };
  return {
    id,
    name,
    status,
    responseCode: { ...(code === undefined ? {} : { code }), name: status, detail: '' },
    ...(language === undefined ? {} : { language }),
    headers: headers.map(({ key, value }) => ({ key, value })),
    cookies,
    ...(durationMs === undefined ? {} : { time: durationMs }),
    ...(body === undefined ? {} : { text: body }),
    ...(asked && { request: asked, requestObject: JSON.stringify(asked) }),
  };
}
