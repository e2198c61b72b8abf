import { digest } from '../content-id.ts';
import type { Header } from '../exchange.ts';
import { textOf } from '../http/body-text.ts';
import { contentTypeOf, languageOf } from '../http/content-type.ts';
import { parseFormFields } from '../http/forms.ts';
import { parseFormParts } from '../http/multipart.ts';
import { parseTarget } from '../http/target.ts';
import { parseJson } from '../json/leaves.ts';

/** One value of a request and its location. */
export type RequestPart = {
  /** Readable and unique in its request: `path segment 2`, `query page`, `body $.items[0].id`. */
  readonly at: string;
  /** The name of the value, if it has one: `page`, `id`. */
  readonly name: string;
  /** Decoded text; JSON values as written in JSON. */
  readonly value: string;
};

/** The request, with content codings removed from the body. */
export type AskedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body?: Buffer | undefined;
  /** The request opens a WebSocket. */
  readonly isUpgrade?: boolean;
};

/** A body with deeper nesting is compared as one text. */
const DEEPEST = 64;

/** The values in the URL of a request, without its origin, and in its body. */
export function requestParts(request: AskedRequest): RequestPart[] {
  const { path, query } = parseTarget(request.url);
  const upgrade = request.isUpgrade ? [{ at: 'protocol', name: '', value: 'WebSocket' }] : [];
  const parts = [...pathParts(path), ...queryParts(query), ...upgrade, ...bodyParts(request)];
  return numbered(parts);
}

/** Numbers repeated names, which parameters and fields may have. */
function numbered(parts: readonly RequestPart[]): RequestPart[] {
  const seen = new Map<string, number>();
  return parts.map((part) => {
    const count = (seen.get(part.at) ?? 0) + 1;
    seen.set(part.at, count);
    return count === 1 ? part : { ...part, at: `${part.at} (${count})` };
  });
}

function pathParts(path: string): RequestPart[] {
  const segments = path.split('/').slice(1);
  return segments.map((segment, index) => ({
    at: `path segment ${index + 1}`,
    name: decoded(segments[index - 1] ?? ''),
    value: decoded(segment),
  }));
}

/** Sorted by name: programs use different orders. */
function queryParts(query: string | undefined): RequestPart[] {
  if (query === undefined || query === '') return [];
  const pairs = query.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    return [decodedField(name), decodedField(value)] as const;
  });
  return pairs
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => ({ at: `query ${name}`, name, value }));
}

function bodyParts({ headers, body }: AskedRequest): RequestPart[] {
  if (body === undefined || body.length === 0) return [];
  const type = contentTypeOf(headers);
  const essence = type?.essence ?? '';
  if (essence === 'multipart/form-data') {
    const parts = parseFormParts(body, type?.parameters.get('boundary') ?? '');
    if (parts) return parts.flatMap((part) => multipartParts(part));
  }
  const text = textOf(body, type);
  if (text === undefined) return [binaryPart('body', body)];
  if (essence === 'application/x-www-form-urlencoded') {
    const fields = parseFormFields(text);
    if (fields) return fields.map(([name, value]) => ({ at: `form field ${name}`, name, value }));
  }
  const json = languageOf(essence) === 'json' || /^\s*[{[]/.test(text) ? parsed(text) : undefined;
  const parts = json === undefined ? undefined : jsonParts(json);
  if (parts) return parts;
  return [{ at: 'body', name: '', value: text }];
}

function multipartParts({
  name,
  fileName,
  contentType,
  bytes,
}: NonNullable<ReturnType<typeof parseFormParts>>[number]): RequestPart[] {
  const at = `form field ${name}`;
  const text = textOf(bytes, undefined);
  const value = text === undefined ? binaryPart(at, bytes) : { at, name, value: text };
  return [
    value,
    ...(fileName === undefined ? [] : [{ at: `${at}, file name`, name: '', value: fileName }]),
    ...(contentType === undefined ? [] : [{ at: `${at}, type`, name: '', value: contentType }]),
  ];
}

function binaryPart(at: string, bytes: Buffer): RequestPart {
  return { at, name: '', value: `${bytes.length} bytes, sha256 ${digest(bytes)}` };
}

/** JSON in which variables may stand outside of strings: `{"age": {{age}}}`. */
function parsed(text: string): unknown {
  const json = parseJson(text);
  if (json !== undefined || text.length > LONGEST_OPEN || !text.includes('{{')) return json;
  return parseJson(
    text.replace(OPEN_VARIABLE, (token) => (token[0] === '"' ? token : `"${token}"`)),
  );
}

/** Longer texts were not written by people. */
const LONGEST_OPEN = 1024 * 1024;

/** A string, or a variable outside of strings. */
const OPEN_VARIABLE = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|$)|\{\{[^{}"\\]+\}\}/gs;

function jsonParts(root: unknown): RequestPart[] | undefined {
  const parts: RequestPart[] = [];
  const open: { value: unknown; path: string; name: string; depth: number }[] = [
    { value: root, path: '$', name: '', depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path, name, depth } = next;
    if (depth > DEEPEST) return undefined;
    const members = membersOf(value, path, name);
    if (members.length === 0)
      parts.push({ at: `body ${path}`, name, value: JSON.stringify(value) ?? 'null' });
    else for (const member of members.reverse()) open.push({ ...member, depth: depth + 1 });
  }
  return parts;
}

/** Sorted by name, because order has no meaning in JSON (RFC 8259, 4). */
function membersOf(value: unknown, path: string, name: string) {
  if (Array.isArray(value))
    return value.map((element, index) => ({ value: element, path: `${path}[${index}]`, name }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => ({ value: member, path: `${path}${step(key)}`, name: key }));
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function decodedField(text: string): string {
  return decoded(text.replaceAll('+', ' '));
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
