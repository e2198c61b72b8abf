import type { Auth, FormField, ItemBody } from '../../collection.ts';
import { attributeOf } from '../../document/authorization.ts';
import { bodyText, filesOf, formEncoded } from '../../document/body-text.ts';
import { graphqlText } from '../../document/graphql-text.ts';
import type { PlacedItem } from '../../document/items.ts';
import type { OnLoss } from '../../document/losses.ts';
import { type SentRequest, sentRequest } from '../../document/sent-request.ts';
import { saidOf } from '../../document/text.ts';
import { enabled, encodedUrl } from '../../document/url.ts';
import { isToken } from '../../http/token.ts';
import type { ExportOptions } from '../exporter.ts';
import { type CurlBody, curlBody } from './body.ts';
import { comment, commentLines } from './request.ts';
import { shellWord } from './shell.ts';
import type { ShellVariables } from './variables.ts';

/** What the items of one script share. */
export type ItemScript = {
  readonly variables: ShellVariables;
  readonly attach: ExportOptions['attach'];
  readonly onLoss: OnLoss;
};

/** Auth that curl has options for. */
const OWN = new Set(['basic', 'digest', 'ntlm', 'awsv4']);

/** Writes an item as a comment and a call of curl; empty where it cannot be asked. */
export async function itemBlock(placed: PlacedItem, script: ItemScript): Promise<string> {
  const { place } = placed;
  const request = sentRequest(placed, ({ type }) => OWN.has(type));
  if (request.url === '') {
    script.onLoss({ kind: 'requests without a URL', place });
    return '';
  }
  const { pieces } = script.variables;
  const title = `# ${comment(place.join(' / '))}\n`;
  if (!isToken(request.method.replace(/\{\{\w+\}\}/g, 'x')))
    return `${title}# Left out: its method is not a valid HTTP method\n`;
  const body = request.body && (await bodyOptions(request.body, script));
  const auth = request.auth && authOptions(request.auth, pieces);
  if (request.auth && auth === undefined)
    script.onLoss({ kind: `auth of type ${request.auth.type}`, place });
  const options = [
    `curl -q -sS${redirects(placed, request)} --globoff --path-as-is --url ${shellWord(pieces(encodedUrl(request.url)))}`,
    ...methodOptions(request, body, pieces),
    ...(auth ?? []),
    ...headerOptions(request, body, pieces),
    ...(body?.options ?? []),
  ];
  const call = options.join(' \\\n  ');
  const source = body?.source;
  return [
    title,
    ...commentLines(saidOf(placed.item)),
    request.auth && auth === undefined
      ? `# Its auth of type ${comment(request.auth.type)} has to be added by hand.\n`
      : '',
    source ? `{\n${source.map((line) => `  ${line}\n`).join('')}} | ${call}\n` : `${call}\n`,
  ].join('');
}

/** Runners follow redirects; curl would send any other method again. */
function redirects({ item }: PlacedItem, { method }: SentRequest): string {
  const isFollowed = item.behavior?.['followRedirects'] !== false;
  return isFollowed && ['GET', 'HEAD', 'POST'].includes(method) ? ' -L' : '';
}

function methodOptions(
  { method }: SentRequest,
  body: CurlBody | undefined,
  pieces: ShellVariables['pieces'],
): string[] {
  if (method === 'HEAD') return body === undefined ? ['--head'] : ['-X HEAD --max-time 5'];
  if (method === (body === undefined ? 'GET' : 'POST')) return [];
  return [`-X ${/^[A-Z]+$/.test(method) ? method : shellWord(pieces(method))}`];
}

function headerOptions(
  { headers }: SentRequest,
  body: CurlBody | undefined,
  pieces: ShellVariables['pieces'],
): string[] {
  const sent = headers.filter(
    ([name, value]) => name !== '' && !/[\0\r\n]/.test(name + value) && !FRAMING.test(name),
  );
  const lines = sent.map(([name, value]) =>
    shellWord(value === '' ? pieces(`${name};`) : pieces(`${name}: ${value}`)),
  );
  const isTyped = sent.some(([name]) => name.toLowerCase() === 'content-type');
  const isForm = body?.options.some((option) => /^(?:-F|--form-string) /.test(option)) ?? false;
  return [
    ...lines.map((line) => `-H ${line}`),
    ...(body !== undefined && !isTyped && !isForm ? ["-H 'Content-Type:'"] : []),
  ];
}

/** What curl writes itself. */
const FRAMING = /^(?:content-length|transfer-encoding)$/i;

function authOptions(auth: Auth, pieces: ShellVariables['pieces']): string[] | undefined {
  const value = (key: string) => attributeOf(auth, key);
  const user = (name: string, password: string) => `-u ${shellWord(pieces(`${name}:${password}`))}`;
  switch (auth.type) {
    case 'basic':
      return [user(value('username'), value('password'))];
    case 'digest':
    case 'ntlm':
      return [`--${auth.type}`, user(value('username'), value('password'))];
    case 'awsv4': {
      const scope = `aws:amz:${value('region') || 'us-east-1'}:${value('service') || 'execute-api'}`;
      const session = value('sessionToken');
      return [
        `--aws-sigv4 ${shellWord(pieces(scope))}`,
        user(value('accessKey'), value('secretKey')),
        ...(session === '' ? [] : [`-H ${shellWord(pieces(`X-Amz-Security-Token: ${session}`))}`]),
      ];
    }
    // A token that is not there is not sent.
    case 'bearer':
      return [];
    default:
      return undefined;
  }
}

async function bodyOptions(
  body: ItemBody,
  { variables: { pieces }, attach }: ItemScript,
): Promise<CurlBody | undefined> {
  switch (body.mode) {
    case 'urlencoded': {
      const fields = enabled(body.fields);
      if (fields.length === 0) return undefined;
      return {
        options: fields.map(({ key, value }) => {
          const name = pieces(formEncoded(key ?? ''));
          return `--data-urlencode ${shellWord([...name, '=', ...pieces(value ?? '')])}`;
        }),
      };
    }
    case 'formdata': {
      const options = enabled(body.fields).flatMap((field) => partOptions(field, pieces));
      return options.length === 0 ? undefined : { options };
    }
    case 'file':
      return body.src
        ? { options: [`--data-binary ${shellWord(pieces(`@${body.src}`))}`] }
        : undefined;
    case 'graphql':
      return curlBody(pieces(graphqlText(body)), attach);
    default: {
      const sent = bodyText(body, (text) => text);
      return sent && curlBody(pieces(sent.text), attach);
    }
  }
}

/** A part for a text, and one for each file; its name cannot hold an equals sign. */
function partOptions(field: FormField, pieces: ShellVariables['pieces']): string[] {
  const name = field.key ?? '';
  const type = field.contentType === undefined ? '' : `;type=${field.contentType}`;
  if (field.type === 'text') {
    const value = field.value ?? '';
    if (type === '') return [`--form-string ${shellWord(pieces(`${name}=${value}`))}`];
    return [`-F ${shellWord(pieces(`${name}=${inQuotes(value)}${type}`))}`];
  }
  const fileName = field.fileName === undefined ? '' : `;filename=${inQuotes(field.fileName)}`;
  return filesOf(field).map((src) => {
    const path = /[,;"\\]/.test(src) ? inQuotes(src) : src;
    return `-F ${shellWord(pieces(`${name}=@${path}${type}${fileName}`))}`;
  });
}

function inQuotes(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
