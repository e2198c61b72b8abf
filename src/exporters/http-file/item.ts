import type { Auth, FormField } from '../../collection.ts';
import { digest } from '../../content-id.ts';
import { attributeOf } from '../../document/authorization.ts';
import { bodyText, filesOf } from '../../document/body-text.ts';
import type { PlacedItem } from '../../document/items.ts';
import type { OnLoss } from '../../document/losses.ts';
import { type SentRequest, sentRequest } from '../../document/sent-request.ts';
import { saidOf } from '../../document/text.ts';
import { enabled, encodedUrl } from '../../document/url.ts';
import type { ExportOptions } from '../exporter.ts';
import { httpBlock } from './block.ts';
import { METHODS } from './methods.ts';
import { canStandInBody, oneLine } from './text.ts';

/** Facts that the items of one file share. */
export type ItemFile = { readonly attach: ExportOptions['attach']; readonly onLoss: OnLoss };

/** Auth types that the programs compute from words in an Authorization header. */
const OWN = new Set(['basic', 'digest', 'awsv4']);

/** Writes an item; empty if it cannot be sent. */
export async function itemBlock(placed: PlacedItem, file: ItemFile): Promise<string> {
  const { place, item } = placed;
  const request = sentRequest(placed, ({ type }) => OWN.has(type));
  const { method, url } = request;
  if (url === '') {
    file.onLoss({ kind: 'requests without a URL', place });
    return '';
  }
  const title = place.join(' / ');
  if (!METHODS.has(method)) {
    file.onLoss({ kind: `requests with the method ${method}`, place });
    return httpBlock(title, [
      `Left out: ${oneLine(method)} is not a method that .http files can express.`,
    ]);
  }
  const { text, type, note } = await writtenBody(placed, request, file);
  const auth = request.auth && authLine(request.auth);
  const isLost = request.auth !== undefined && auth === undefined;
  const lost = `auth of type ${request.auth?.type}`;
  if (isLost) file.onLoss({ kind: lost, place });
  const comments = [
    saidOf(item),
    note,
    isLost ? `Its ${oneLine(lost)} must be added by hand.` : undefined,
  ];
  const headers = request.headers.filter(([name, value]) => isWritable(name, value));
  return httpBlock(
    title,
    comments.filter((one) => one !== undefined),
    {
      tags: item.behavior?.['followRedirects'] === false ? ['no-redirect'] : [],
      method,
      url: encodedUrl(url),
      headers: [
        ...(auth ? [['Authorization', auth] as const] : []),
        ...(type === undefined ? headers : headers.filter(([name]) => !isContentType(name))),
        ...(type === undefined ? [] : [['Content-Type', type] as const]),
      ],
      body: text,
    },
  );
}

/** Other names would start a comment or continue the URL. */
function isWritable(name: string, value: string): boolean {
  return /^[\w{]/.test(name) && !/[^\t\x20-\x7e\xa0-\u{10ffff}]/u.test(value);
}

function isContentType(name: string): boolean {
  return name.toLowerCase() === 'content-type';
}

/** User and password as the programs read them; they must not contain spaces. */
function authLine(auth: Auth): string | undefined {
  const value = (key: string) => attributeOf(auth, key);
  const [user, password] = [value('username'), value('password')];
  switch (auth.type) {
    case 'basic': {
      const pair = `${user}:${password}`;
      const isPlain = !pair.includes('{{');
      if (isPlain) return `Basic ${Buffer.from(pair).toString('base64')}`;
      return /\s/.test(pair) ? undefined : `Basic ${user} ${password}`;
    }
    case 'digest':
      return /\s/.test(user + password) ? undefined : `Digest ${user} ${password}`;
    case 'awsv4': {
      const optional = [
        ['token', value('sessionToken')],
        ['region', value('region')],
        ['service', value('service')],
      ].filter(([, one]) => one !== '');
      const rest = optional.map(([key, one]) => ` ${key}:${one}`).join('');
      return `AWS ${value('accessKey')} ${value('secretKey')}${rest}`;
    }
    // A missing token is not sent.
    case 'bearer':
      return '';
    default:
      return undefined;
  }
}

type WrittenBody = { readonly text?: string; readonly type?: string; readonly note?: string };

async function writtenBody(
  { place }: PlacedItem,
  { body }: SentRequest,
  { attach, onLoss }: ItemFile,
): Promise<WrittenBody> {
  if (body === undefined) return {};
  if (body.mode === 'file') return body.src ? { text: `< ${pathOf(body.src)}` } : {};
  if (body.mode === 'formdata') return form(enabled(body.fields));
  const sent = bodyText(body, (text) => text);
  if (sent === undefined) return {};
  if (canStandInBody(sent.text.trim())) return { text: sent.text.trim() };
  if (attach === undefined) {
    onLoss({ kind: 'bodies that would be read as other syntax', place });
    return { note: 'Its body is left out: it needs a file beside this one.' };
  }
  const bytes = Buffer.from(sent.text);
  const path = await attach(`${digest(bytes).slice(0, 16)}.txt`, bytes);
  // `<@` replaces variables in the file, `<` does not.
  return { text: `<${sent.text.includes('{{') ? '@' : ''} ./${path}` };
}

function pathOf(src: string): string {
  return /^(?:[/\\.]|[a-z]:)/i.test(src) ? src : `./${src}`;
}

/** Writes a multipart form that refers to files by path. */
function form(fields: readonly FormField[]): WrittenBody {
  if (fields.length === 0) return {};
  const boundary = `pmproxy-${digest(JSON.stringify(fields)).slice(0, 16)}`;
  const parts = fields.flatMap(partsOf).map((part) => `--${boundary}\n${part}\n`);
  return {
    text: `${parts.join('')}--${boundary}--`,
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function partsOf(field: FormField): string[] {
  const name = quoted(field.key ?? '');
  const type = field.contentType === undefined ? '' : `\nContent-Type: ${field.contentType}`;
  if (field.type === 'text')
    return [`Content-Disposition: form-data; name="${name}"${type}\n\n${field.value ?? ''}`];
  return filesOf(field).map((src) => {
    const fileName = quoted(field.fileName ?? src.replace(/^.*[/\\]/, ''));
    return `Content-Disposition: form-data; name="${name}"; filename="${fileName}"${type}\n\n< ${pathOf(src)}`;
  });
}

function quoted(text: string): string {
  return text.replaceAll('"', '%22').replace(/[\r\n]+/g, ' ');
}
