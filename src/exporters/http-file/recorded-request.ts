import { itemName } from '../../analysis/naming/names.ts';
import type { Item, RecordedCall } from '../../collection.ts';
import { type Header, headerValues } from '../../exchange.ts';
import { originOf, parseTarget, type Target } from '../../http/target.ts';
import { outcomeWord } from '../outcome-word.ts';
import { planHeaders } from '../replayed-headers.ts';
import { httpBlock } from './block.ts';
import { requestBody } from './body.ts';
import type { ItemFile } from './item.ts';
import { METHODS } from './methods.ts';
import { isFreeOfBraces, oneLine, splitAtVariables } from './text.ts';

/** Writes a recorded call so that the programs send the same request again, as far as they can. */
export async function recordedBlock(
  { request: { url }, behavior }: Item,
  call: RecordedCall,
  { attach }: ItemFile,
): Promise<string> {
  const { request, isVariable } = call;
  const target = parseTarget(request.url);
  const title = `${itemName(request.method, target)} → ${outcomeWord(call)}`;
  const fault = faultOf(request, target);
  if (fault !== undefined) return httpBlock(title, [`Left out: ${fault}.`]);
  const host = url.parts?.host?.[0] ?? '';
  const sent = pathAndQuery(target);
  const rest = withoutBraces(encoded(sent), isVariable);
  const body = await requestBody(request, { isVariable, attach });
  const headers = headersOf(request, target);
  const isWritten = (header: Header) => isWritable(header, isVariable);
  const left = headers.filter((header) => !isWritten(header)).map(([name]) => name);
  const notes = [
    ...(rest === sent ? [] : ['Its URL is percent-encoded here; it was not when it was recorded.']),
    ...left.map((name) => `Its header ${oneLine(name)} cannot be written here.`),
    ...(request.trailers?.length ? ['Its trailers cannot be written here.'] : []),
    ...(request.body?.cut
      ? [`Not all of the ${request.body.size} bytes of its body were recorded.`]
      : []),
    ...(body?.note === undefined ? [] : [body.note]),
  ];
  return httpBlock(title, notes, {
    tags: tagsOf(call, behavior?.['disableCookies'] === true, rest),
    method: request.method,
    url: `${/^\{\{\w+\}\}$/.test(host) ? host : originOf(target)}${rest}`,
    version: request.httpVersion === '2.0' ? 'HTTP/2' : undefined,
    headers: headers.filter(isWritten),
    body: body?.text,
  });
}

function faultOf(
  { method }: RecordedCall['request'],
  { host, port = '' }: Target,
): string | undefined {
  if (!METHODS.has(method))
    return `${oneLine(method)} is not a method that .http files can express`;
  return isPlainHost(host + port) ? undefined : 'its URL has no host';
}

/** Whether a host, with or without a scheme and a port, contains no syntax of the programs. */
export function isPlainHost(text: string): boolean {
  return /^(?:https?:\/\/)?[\w.~:[\]%-]+$/.test(text);
}

/** Encodes braces that would be read as a variable; servers treat both forms alike. */
function withoutBraces(text: string, isVariable: (name: string) => boolean): string {
  const parts = splitAtVariables(text, isVariable);
  return parts
    .map((part, index) => {
      if (index % 2 === 1) return `{{${part}}}`;
      const hidden = part.replace(/\{(?=\{)/g, '%7B');
      return index < parts.length - 1 ? hidden.replace(/\{$/, '%7B') : hidden;
    })
    .join('');
}

function pathAndQuery({ path, query }: Target): string {
  return `${path}${query === undefined ? '' : `?${query}`}`;
}

/** Bytes not allowed in a URL; the programs would encode them differently from the recording. */
const UNSAFE = /[^\x21-\x7e]|[#\\]/g;

function encoded(text: string): string {
  const wide = /[^\0-\xff]/.test(text);
  return text.replace(UNSAFE, (character) =>
    [...Buffer.from(character, wide ? 'utf8' : 'latin1')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** Omits the URL's user and password: the recorded header already contains them. */
function headersOf(request: RecordedCall['request'], { host, port }: Target): Header[] {
  const { sent } = planHeaders(request, port === undefined ? host : `${host}:${port}`, undefined);
  // The program frames the body itself.
  return sent.filter(([name]) => name !== 'Transfer-Encoding');
}

function isWritable([name, value]: Header, isVariable: (name: string) => boolean): boolean {
  // Other names would start a comment or continue the URL. The programs send such letters as Latin-1.
  return (
    /^\w/.test(name) &&
    !/[^\t\x20-\x7e\xa0-\u{10ffff}]/u.test(value) &&
    isFreeOfBraces(value, isVariable)
  );
}

/** Tags that turn off what the programs do by default and the recorded client did not. */
function tagsOf(
  { request, response, fault }: RecordedCall,
  withoutCookies: boolean,
  target: string,
): string[] {
  const status = fault === undefined ? (response?.status ?? 0) : 0;
  const ownCookies = headerValues(request.headers, 'cookie').length > 0;
  return [
    ...(status >= 300 && status < 400 ? ['no-redirect'] : []),
    ...(ownCookies || withoutCookies ? ['no-cookie-jar'] : []),
    ...(target.includes('%') ? ['no-auto-encoding'] : []),
  ];
}
