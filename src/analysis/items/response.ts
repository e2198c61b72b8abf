import { STATUS_CODES } from 'node:http';
import type { Example, Parameter } from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import type { Exchange, GrpcCall, RecordedResponse } from '../../exchange.ts';
import { textOf } from '../../http/body-text.ts';
import { decodeContent } from '../../http/content-coding.ts';
import { contentTypeOf, languageOf } from '../../http/content-type.ts';
import { parseSetCookie } from '../../http/cookies.ts';
import type { PartSecrets, Secrets } from '../../secrets/secrets.ts';
import { messagesText, statusText } from './grpc-text.ts';
import { responseHeaders } from './headers.ts';

/**
 * Writes a response as an example: text is decoded, other content is described in words. A gRPC response shows its
 * messages.
 *
 * @param exchange the recorded exchange: cookies get their domain and path from its URL
 * @param inBody replaces the secrets in its body
 */
export async function exampleOf(
  response: RecordedResponse,
  itemId: string,
  { request: { url }, grpc }: Exchange,
  secrets: Secrets,
  inBody: PartSecrets,
): Promise<Example> {
  const type = contentTypeOf(response.headers);
  const call = await grpc?.call();
  const { text, note } = call ? callText(call, secrets) : await legible(response, inBody);
  const header = responseHeaders(response.headers, secrets);
  const status = response.statusText || STATUS_CODES[response.status] || '';
  const title = `${response.status} ${status}`.trim();
  return {
    id: exampleId(itemId, { code: response.status, body: text ?? null, header }),
    name: note === undefined ? title : `${title} (${note})`,
    status,
    code: response.status,
    language: call ? 'json' : languageOf(type?.essence ?? ''),
    headers: header,
    cookies: cookiesOf(header, url, secrets),
    body: text ?? null,
  };
}

async function legible(response: RecordedResponse, inBody: PartSecrets): Promise<BodyText> {
  const read = await readAnswer(response);
  if (read.text === undefined) return read;
  const essence = contentTypeOf(response.headers)?.essence;
  return { ...read, text: inBody.text(read.text, essence) };
}

function callText(call: GrpcCall, secrets: Secrets): BodyText {
  const text = messagesText(call, 'server');
  const note = statusText(call);
  return {
    ...(text !== undefined && { text: secrets.json(text) }),
    ...(note !== undefined && { note: secrets.text(note) }),
  };
}

/** The id of an example for this item. */
export function exampleId(
  itemId: string,
  { code, body, header }: { readonly code?: unknown; body?: unknown; header?: unknown },
): string {
  return contentId(
    itemId,
    String(code),
    String(body ?? ''),
    JSON.stringify(withoutMoments(header)),
  );
}

/** Headers that differ between equal responses; without them an example keeps its id when it is recorded again. */
const MOMENTARY =
  /^(?:date|age|expires|.*request-?id|.*correlation-?id|.*trace-?id|traceparent|cf-ray|x-runtime|x-response-time|server-timing|x-timer)$/i;

function withoutMoments(header: unknown): unknown {
  if (!Array.isArray(header)) return header;
  return header.filter(({ key }: { key?: unknown }) => !MOMENTARY.test(String(key)));
}

type BodyText = { readonly text?: string; readonly note?: string };

/** A response's body as text, or an explanation why it is not text. */
export async function readAnswer({ headers, body }: RecordedResponse): Promise<BodyText> {
  const type = contentTypeOf(headers);
  if (body === undefined || body.size === 0) return {};
  const decoded = decodeContent(await body.bytes(), body.encoding);
  if ('fault' in decoded)
    return { note: `body of ${body.size} bytes not decoded: ${decoded.fault}` };
  const text = textOf(decoded.bytes, type);
  if (text === undefined) return { note: `${type?.essence || 'binary'}, ${body.size} bytes` };
  return body.cut ? { text, note: `the body's beginning; it had ${body.size} bytes` } : { text };
}

function cookiesOf(headers: readonly Parameter[], url: string, secrets: Secrets): object[] {
  const lines = headers.filter(({ key }) => key?.toLowerCase() === 'set-cookie');
  if (lines.length === 0) return [];
  const asked = secrets.url(url);
  return lines.map(({ value }) => {
    const cookie = parseSetCookie(value ?? '', asked);
    const session = cookie.expires === undefined && cookie.maxAge === undefined;
    return { ...cookie, session };
  });
}
