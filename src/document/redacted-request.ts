import type {
  FormField,
  ItemBody,
  ItemRequest,
  Members,
  Parameter,
  UrlParts,
} from '../collection.ts';
import { contentTypeOf } from '../http/content-type.ts';
import { textOf } from '../json/object.ts';
import { treatedAuth } from './redacted-auth.ts';
import {
  described,
  extraTreated,
  type KnownVariables,
  type Treatment,
  treatedMembers,
  treatedVariable,
} from './redacted-members.ts';
import { pairOf, pairText } from './url.ts';

/** A request: its URL, headers, body and auth. */
export function treatedRequest(
  request: ItemRequest,
  secrets: Treatment,
  known: KnownVariables,
): ItemRequest {
  const { url, headers, body, auth } = request;
  const lines = headers.map(({ key, value }) => [key ?? '', value ?? ''] as const);
  const type = contentTypeOf(lines)?.essence;
  return {
    ...request,
    ...described(request, secrets),
    url: {
      raw: secrets.url(url.raw),
      ...(url.parts && { parts: treatedParts(url.parts, secrets, known) }),
    },
    headers: headers.map((header) => treatedHeader(header, secrets)),
    ...(body && { body: treatedBody(body, type, secrets) }),
    ...(auth && { auth: treatedAuth(auth, secrets) }),
    ...extraTreated(request, secrets),
  };
}

function treatedParts(parts: UrlParts, secrets: Treatment, known: KnownVariables): UrlParts {
  const { auth, host, path, query, variables, hash } = parts;
  return {
    ...parts,
    ...(auth && { auth: treatedUser(auth, secrets) }),
    ...(host && { host: host.map((label) => secrets.text(label)) }),
    ...(path && { path: path.map((segment) => secrets.text(segment)) }),
    ...(query && { query: treatedQuery(query, secrets) }),
    ...(variables && {
      variables: variables.map((variable) => treatedVariable(variable, secrets, known)),
    }),
    ...(hash === undefined ? {} : { hash: secrets.text(hash) }),
    ...extraTreated(parts, secrets),
  };
}

function treatedUser(auth: Members, secrets: Treatment): Members {
  const { user, password } = auth as { user?: unknown; password?: unknown };
  if (typeof password !== 'string') return treatedMembers(auth, secrets) as Members;
  const pair = secrets.userinfo(`${textOf(user)}:${password}`);
  return { ...auth, password: pair.slice(textOf(user).length + 1) };
}

/** Redacts all parameters together, because one may reveal what another is. */
function treatedQuery(query: readonly Parameter[], secrets: Treatment): Parameter[] {
  const texts = query.map(pairText);
  const written = secrets.query(texts.join('&')).split('&');
  // A value that contains an ampersand is redacted alone.
  const isApart = written.length === texts.length;
  return query.map((parameter, at) => {
    if (parameter.value === null) {
      const key = parameter.key && secrets.text(parameter.key);
      return { ...parameter, ...described(parameter, secrets), key };
    }
    const pair = isApart ? (written[at] ?? '') : secrets.query(texts[at] ?? '');
    const { value } = pair === texts[at] ? parameter : pairOf(pair);
    return {
      ...parameter,
      ...described(parameter, secrets),
      value,
      ...extraTreated(parameter, secrets),
    };
  });
}

/** A header line. */
export function treatedHeader(header: Parameter, secrets: Treatment): Parameter {
  const { key, value } = header;
  return {
    ...header,
    ...described(header, secrets),
    value: value === null ? null : secrets.header([key ?? '', value])[1],
    ...extraTreated(header, secrets),
  };
}

/** Media types by language. */
export const LANGUAGE_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  javascript: 'application/javascript',
};

function treatedBody(body: ItemBody, type: string | undefined, secrets: Treatment): ItemBody {
  const { options } = body;
  const rest = {
    ...(options && { options: treatedMembers(options, secrets) as Members }),
    ...extraTreated(body, secrets),
  };
  switch (body.mode) {
    case 'raw': {
      const essence = type ?? LANGUAGE_TYPES[body.language ?? ''];
      return { ...body, text: secrets.text(body.text, essence), ...rest };
    }
    case 'urlencoded':
      return { ...body, fields: treatedFields(body.fields, secrets), ...rest };
    case 'formdata':
      return {
        ...body,
        fields: treatedFields(body.fields, secrets).map((field) => treatedPart(field, secrets)),
        ...rest,
      };
    case 'file':
      return { ...body, src: body.src && secrets.text(body.src), ...rest };
    case 'graphql': {
      const { query, operationName, variables } = body;
      return {
        ...body,
        query: secrets.text(query),
        ...(operationName === undefined ? {} : { operationName: secrets.text(operationName) }),
        ...(variables === undefined ? {} : { variables: secrets.json(variables) }),
        ...rest,
      };
    }
    default:
      return { ...body, ...rest };
  }
}

function treatedFields<T extends Parameter>(fields: readonly T[], secrets: Treatment): T[] {
  const names = fields.map(({ key }) => key ?? '');
  return fields.map((field) => ({
    ...field,
    ...described(field, secrets),
    value: field.value === null ? null : secrets.field(field.key ?? '', field.value, names),
    ...extraTreated(field, secrets),
  }));
}

/** File names in a multipart form; a name may be the URL of a file. */
function treatedPart(field: FormField, secrets: Treatment): FormField {
  const { src, fileName, contentType } = field;
  return {
    ...field,
    ...(src === undefined ? {} : { src: treatedSource(src, secrets) }),
    ...(fileName === undefined ? {} : { fileName: secrets.text(fileName) }),
    ...(contentType === undefined ? {} : { contentType: secrets.text(contentType) }),
  };
}

function treatedSource(src: NonNullable<FormField['src']> | null, secrets: Treatment) {
  if (src === null) return null;
  return typeof src === 'string' ? secrets.text(src) : src.map((name) => secrets.text(name));
}
