import type { Auth, FormField, ItemBody } from '../../collection.ts';
import { attributeOf } from '../../document/authorization.ts';
import { bodyText, filesOf, formEncoded } from '../../document/body-text.ts';
import { graphqlText } from '../../document/graphql-text.ts';
import type { PlacedItem } from '../../document/items.ts';
import type { OnLoss } from '../../document/losses.ts';
import { sentRequest } from '../../document/sent-request.ts';
import { saidOf } from '../../document/text.ts';
import { enabled, encodedUrl } from '../../document/url.ts';
import { isToken } from '../../http/token.ts';
import type { ExportOptions } from '../exporter.ts';

import { comment, curlBlock } from './block.ts';
import { type CurlBody, curlBody } from './body.ts';
import { shellWord } from './shell.ts';
import type { ShellVariables } from './variables.ts';

/** Facts that the items of one script share. */
export type ItemScript = {
  readonly variables: ShellVariables;
  readonly attach: ExportOptions['attach'];
  readonly onLoss: OnLoss;
};

/** Auth types that curl has options for. */
const OWN = new Set(['basic', 'digest', 'ntlm', 'awsv4']);

/** Writes an item as a comment and a curl call; empty if it cannot be sent. */
export async function itemBlock(placed: PlacedItem, script: ItemScript): Promise<string> {
  const { place, item } = placed;
  const request = sentRequest(placed, ({ type }) => OWN.has(type));
  const { method, url } = request;
  if (url === '') {
    script.onLoss({ kind: 'requests without a URL', place });
    return '';
  }
  const { pieces } = script.variables;
  const title = place.join(' / ');
  if (!isToken(method.replace(/\{\{\w+\}\}/g, 'x')))
    return `# ${comment(title)}\n# Left out: its method is not a valid HTTP method\n`;
  const body = request.body && (await bodyOptions(request.body, script));
  const auth = request.auth && authOptions(request.auth, pieces);
  const isLost = request.auth !== undefined && auth === undefined;
  const lost = `auth of type ${request.auth?.type}`;
  if (isLost) script.onLoss({ kind: lost, place });
  const said = saidOf(item);
  const comments = [
    comment(title),
    ...(said === undefined ? [] : [said]),
    ...(isLost ? [`Its ${comment(lost)} must be added by hand.`] : []),
  ];
  const sent = request.headers.filter(([name, value]) => isSendable(name, value));
  const isTyped = sent.some(([name]) => name.toLowerCase() === 'content-type');
  const isForm = body?.options.some((option) => /^(?:-F|--form-string) /.test(option)) ?? false;
  return curlBlock(comments, {
    follows: isFollowed(placed, method),
    url: pieces(encodedUrl(url)),
    method: pieces(method),
    auth: auth ?? [],
    headers: sent.map(([name, value]) => ({ name: pieces(name), value: pieces(value) })),
    unwanted: body !== undefined && !isTyped && !isForm ? ['Content-Type'] : [],
    body,
  });
}

/** Runners follow redirects; curl would repeat any other method. */
function isFollowed({ item }: PlacedItem, method: string): boolean {
  return item.behavior?.['followRedirects'] !== false && ['GET', 'HEAD', 'POST'].includes(method);
}

function isSendable(name: string, value: string): boolean {
  return name !== '' && !/[\0\r\n]/.test(name + value) && !FRAMING.test(name);
}

/** Headers that curl writes itself. */
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
    // A missing token is not sent.
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

/** One part for a text, and one for each file; a part's name cannot contain an equals sign. */
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
