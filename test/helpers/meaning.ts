import type {
  CollectionEvent,
  Example,
  Folder,
  ItemRequest,
  Parameter,
} from '../../src/collection.ts';
import { plainText, saidOf } from '../../src/document/text.ts';
import { splitUrl, writtenUrl } from '../../src/document/url.ts';
import { eventsIn } from './documents.ts';
import { openCollection } from './inputs.ts';

/** What a collection means, however its version writes it: without ids and what only one version has. */
export async function meaningOf(path: string): Promise<unknown[]> {
  const events = await eventsIn(await openCollection(path));
  return events.map(eventMeaning);
}

function eventMeaning(event: CollectionEvent): unknown {
  switch (event.kind) {
    case 'begin':
      return { ...owner(event.head), variables: event.head.variables.map(pair) };
    case 'folder':
      return owner(event.folder);
    case 'item':
      return {
        ...owner(event.item),
        said: saidOf(event.item),
        request: asked(event.item.request),
      };
    case 'example':
      return answered(event.example);
    case 'socket': {
      const { name, url, headers, messages } = event.socket;
      return { name, url: url.raw, headers: headers.map(pair), messages };
    }
    case 'call':
      return event.call.request.url;
    case 'end':
      return 'end';
    case 'finish':
      return { variables: (event.variables ?? []).map(pair) };
  }
}

type Owner = Pick<Folder, 'name' | 'auth' | 'scripts' | 'behavior' | 'description'>;

function owner({ name, auth, scripts, behavior = {}, description }: Owner) {
  return {
    name,
    said: plainText(description),
    auth: auth && {
      type: auth.type,
      values: auth.attributes.map(({ key, value }) => [key, value]),
    },
    scripts: scripts.map(({ listen, code }) => [listen, code]),
    behavior: Object.entries(behavior).sort(),
  };
}

function pair({
  key,
  value,
  disabled,
  description,
}: Parameter | { key: string; value: unknown; disabled?: true; description?: unknown }) {
  return [
    key,
    value === null ? null : String(value),
    disabled === true,
    plainText(description as string),
  ];
}

function asked({ method, url, headers, body, auth }: ItemRequest) {
  const { query = [], variables = [] } = url.parts ?? splitUrl(url.raw);
  return {
    method,
    url: writtenUrl(url),
    query: query.map(pair),
    variables: variables.map(pair),
    headers: headers.map(pair),
    body: body && bodyMeaning(body),
    auth: auth && owner({ name: '', scripts: [], auth }).auth,
  };
}

function bodyMeaning(body: NonNullable<ItemRequest['body']>): unknown {
  const { options: _, extra: __, ...rest } = body;
  if (!('fields' in rest)) return rest;
  const fields = rest.fields.map(({ extra: ___, ...field }) => field);
  return { ...rest, fields };
}

function answered({ name, code, status, headers, body, request }: Example) {
  return {
    name,
    code,
    status,
    headers: headers.map(pair),
    body: body ?? '',
    request: request && asked(request),
  };
}
