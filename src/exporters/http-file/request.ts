import { itemName } from '../../analysis/naming/names.ts';
import type { RequestFacts } from '../../analysis/survey/survey.ts';
import { type Exchange, type Header, headerValues, type RecordedRequest } from '../../exchange.ts';
import { originOf, parseTarget, type Target } from '../../http/target.ts';
import type { DistinctRequest } from '../distinct-requests.ts';
import { outcomeWord } from '../outcome-word.ts';
import { planHeaders } from '../replayed-headers.ts';
import { type BodyContext, type FileBody, requestBody } from './body.ts';
import { isFreeOfBraces, oneLine, splitAtVariables } from './text.ts';

/** What the requests of one file share. */
export type FileContext = BodyContext & {
  /** Variables by origin. */
  readonly origins: ReadonlyMap<string, string>;
};

/** The methods that all three programs know; another word would be read as part of the URL. */
export const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'TRACE',
]);

/** Writes one request with the line that parts it from the one before. */
export async function requestBlock(
  { exchange, facts }: DistinctRequest,
  context: FileContext,
): Promise<string> {
  const { request } = exchange;
  const target = parseTarget(request.url);
  const title = `### ${oneLine(`${itemName(request.method, target)} → ${outcomeWord(exchange)}`)}\n`;
  const fault = faultOf(request, target);
  if (fault !== undefined) return `${title}# Left out: ${fault}.\n`;
  const url = writtenUrl(target, context);
  const body = await requestBody(request, context);
  const headers = writtenHeaders(request, target, context.secrets);
  return [
    title,
    ...notes(request, url.encoded, headers.left, body).map((note) => `# ${note}\n`),
    ...tags(exchange, facts, url.text).map((tag) => `# @${tag}\n`),
    `${request.method} ${url.text}${request.httpVersion === '2.0' ? ' HTTP/2' : ''}\n`,
    ...headers.written.map(([name, value]) => `${name}: ${value}\n`),
    body?.text === undefined ? '' : `\n${body.text}\n`,
  ].join('');
}

function faultOf({ method }: RecordedRequest, { host, port = '' }: Target): string | undefined {
  if (!METHODS.has(method))
    return `${oneLine(method)} is not a method that .http files can express`;
  return isPlainHost(host + port) ? undefined : 'its URL names no host';
}

/** Whether a host, with or without a scheme and a port, has nothing in it that the programs would read. */
export function isPlainHost(text: string): boolean {
  return /^(?:https?:\/\/)?[\w.~:[\]%-]+$/.test(text);
}

/** User and password are left out: the recorded header says what the client made of them. */
function writtenUrl(
  target: Target,
  { origins, secrets }: FileContext,
): { readonly text: string; readonly encoded: boolean } {
  const origin = originOf(target);
  const variable = origins.get(origin);
  const start = variable === undefined ? origin : `{{${variable}}}`;
  const sent = pathAndQuery(target);
  const rest = withoutBraces(encoded(sent), secrets);
  return { text: start + rest, encoded: rest !== sent };
}

/** Braces that would be read as a variable are encoded; servers know no difference. */
function withoutBraces(text: string, secrets: ReadonlySet<string>): string {
  const parts = splitAtVariables(text, secrets);
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

/** Bytes that cannot stand in a URL; the programs would encode others than were recorded. */
const UNSAFE = /[^\x21-\x7e]|[#\\]/g;

function encoded(text: string): string {
  const wide = /[^\0-\xff]/.test(text);
  return text.replace(UNSAFE, (character) =>
    [...Buffer.from(character, wide ? 'utf8' : 'latin1')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

type WrittenHeaders = { readonly written: readonly Header[]; readonly left: readonly string[] };

function writtenHeaders(
  request: RecordedRequest,
  { host, port }: Target,
  secrets: ReadonlySet<string>,
): WrittenHeaders {
  const authority = port === undefined ? host : `${host}:${port}`;
  const { sent } = planHeaders(request, authority, undefined);
  // How a body is framed is the program's business.
  const headers = sent.filter(([name]) => name !== 'Transfer-Encoding');
  return {
    written: headers.filter((header) => isWritable(header, secrets)),
    left: headers.filter((header) => !isWritable(header, secrets)).map(([name]) => name),
  };
}

function isWritable([name, value]: Header, secrets: ReadonlySet<string>): boolean {
  // Other names would begin a comment or go on with the URL. Latin-1 is what the programs send such letters as.
  return (
    /^\w/.test(name) &&
    !/[^\t\x20-\x7e\xa0-\u{10ffff}]/u.test(value) &&
    isFreeOfBraces(value, secrets)
  );
}

function notes(
  { body, trailers }: RecordedRequest,
  encodedHere: boolean,
  left: readonly string[],
  written: FileBody | undefined,
): string[] {
  return [
    ...(encodedHere ? ['Its URL is encoded here, as it was not when it was recorded.'] : []),
    ...left.map((name) => `Its header ${oneLine(name)} cannot be written here.`),
    ...(trailers?.length ? ['Its trailers cannot be written here.'] : []),
    ...(body?.cut ? [`Not all of the ${body.size} bytes of its body were recorded.`] : []),
    ...(written?.note === undefined ? [] : [written.note]),
  ];
}

/** What the programs would do of their own accord and the recorded client did not. */
function tags({ request, outcome }: Exchange, facts: RequestFacts, url: string): string[] {
  const status = outcome.kind === 'completed' ? (outcome.response?.status ?? 0) : 0;
  const ownCookies = headerValues(request.headers, 'cookie').length > 0;
  return [
    ...(status >= 300 && status < 400 ? ['no-redirect'] : []),
    ...(ownCookies || facts.withoutCookies ? ['no-cookie-jar'] : []),
    ...(url.includes('%') ? ['no-auto-encoding'] : []),
  ];
}
