import type { CollectionHead, Example, Folder, Item, Script } from '../../collection.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import {
  authAt,
  descriptionOf,
  disabledOf,
  durationOf,
  extraOf,
  headersAt,
  listAt,
  names,
  objectAt,
  optionalObject,
  textMember,
  variablesAt,
} from '../fields.ts';
import { requestAt } from './request.ts';

const HEAD = names('info item auth event variable protocolProfileBehavior');
const INFO = names('name schema description _postman_id');

/** Reads the metadata of a collection v2.0 or v2.1. */
export function headOf(root: JsonObject): CollectionHead {
  const info = objectAt(root['info'] ?? {}, 'info');
  const { extra } = extraOf(info, INFO);
  return {
    family: 'v2',
    name: textOf(info['name']),
    ...textMember('id', info['_postman_id']),
    ...descriptionOf(info['description']),
    ...ownerOf(root, ''),
    ...authAt(root['auth'], 'auth'),
    ...(extra && { info: extra }),
    ...extraOf(root, HEAD),
  };
}

const FOLDER = names('name id item description auth event variable protocolProfileBehavior');

/** Reads the metadata of a folder. */
export function folderAt(folder: JsonObject, path: string): Folder {
  return {
    name: textOf(folder['name']),
    ...textMember('id', folder['id']),
    ...descriptionOf(folder['description']),
    ...ownerOf(folder, `${path}.`),
    ...authAt(folder['auth'], `${path}.auth`),
    ...extraOf(folder, FOLDER),
  };
}

const ITEM = names('name id request response description event variable protocolProfileBehavior');

/**
 * Reads an item without its examples.
 *
 * @throws UserError if it is not an item
 */
export function itemAt(item: JsonObject, path: string): Item {
  return {
    name: textOf(item['name']),
    ...textMember('id', item['id']),
    ...descriptionOf(item['description']),
    request: requestAt(item['request'], `${path}.request`),
    ...ownerOf(item, `${path}.`),
    ...extraOf(item, ITEM),
  };
}

function ownerOf(owner: JsonObject, path: string) {
  const behavior = optionalObject(
    owner['protocolProfileBehavior'],
    `${path}protocolProfileBehavior`,
  );
  return {
    scripts: scriptsAt(owner['event'], `${path}event`),
    variables: variablesAt(owner['variable'], `${path}variable`),
    ...(behavior && { behavior }),
  };
}

const EVENT = names('listen script disabled');
const SCRIPT = names('type exec');

/** Scripts by event. */
export function scriptsAt(events: unknown, path: string): Script[] {
  return listAt(events, path).flatMap((entry, at): Script[] => {
    if (entry === null) return [];
    const event = objectAt(entry, `${path}[${at}]`);
    const given = event['script'];
    const script = isObject(given) ? given : { exec: given };
    const { extra } = extraOf(script, SCRIPT);
    const code = script['exec'] ?? '';
    return [
      {
        listen: textOf(event['listen']),
        code: Array.isArray(code) ? code.map(textOf).join('\n') : textOf(code),
        ...textMember('type', script['type']),
        ...disabledOf(event),
        ...(extra && { script: extra }),
        ...extraOf(event, EVENT),
      },
    ];
  });
}

const EXAMPLE = names(
  'id name originalRequest status code header body _postman_previewlanguage cookie ' +
    'responseTime',
);

/**
 * Reads a saved response.
 *
 * @throws UserError if it is not a response
 */
export function exampleAt(value: unknown, path: string): Example {
  const example = objectAt(value, path);
  const asked = example['originalRequest'];
  const { code, body } = example as { code?: unknown; body?: unknown };
  const cookies = listAt(example['cookie'], `${path}.cookie`);
  return {
    name: textOf(example['name']),
    ...textMember('id', example['id']),
    ...(asked == null ? {} : { request: requestAt(asked, `${path}.originalRequest`) }),
    status: textOf(example['status']),
    ...(Number.isInteger(Number(code)) && code != null ? { code: Number(code) } : {}),
    headers: headersAt(example['header'], `${path}.header`),
    ...(body === undefined ? {} : { body: body === null ? null : textOf(body) }),
    ...textMember('language', example['_postman_previewlanguage']),
    ...(cookies.length === 0 ? {} : { cookies }),
    ...durationOf(example['responseTime']),
    ...extraOf(example, EXAMPLE),
  };
}
