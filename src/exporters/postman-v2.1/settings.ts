import { isObject, type JsonObject, objectsOf, textAt, textOf } from '../../json/object.ts';
import type { CollectionJson, EntryJson } from './collection-json.ts';

/**
 * What a collection or folder says for everything in it: auth, scripts and settings, in one spelling.
 *
 * @returns undefined where it says nothing
 */
export function settingsOf(owner: JsonObject): string | undefined {
  const { auth, protocolProfileBehavior: behavior } = owner;
  const scripts = objectsOf(owner, 'event')
    .map(scriptIn)
    .filter(([, code]) => code !== '');
  if (!isObject(auth) && scripts.length === 0 && !isObject(behavior)) return undefined;
  return JSON.stringify([isObject(auth) ? authIn(auth) : null, scripts, behavior ?? null]);
}

function scriptIn(event: JsonObject): [listen: string, code: string] {
  const script = isObject(event['script']) ? event['script'] : {};
  const { exec } = script;
  const code = Array.isArray(exec) ? exec.map(textOf).join('\n') : textOf(exec);
  return [textAt(event, 'listen'), code.trim()];
}

/** The attributes are a list under the type in version 2.1, and `credentials` in version 3. */
function authIn(auth: JsonObject): unknown[] {
  const type = textAt(auth, 'type');
  const given = auth[type] ?? auth['credentials'] ?? [];
  const pairs = Array.isArray(given)
    ? given.filter(isObject).map((one) => [textAt(one, 'key'), textOf(one['value'])])
    : Object.entries(isObject(given) ? given : {}).map(([key, value]) => [key, textOf(value)]);
  return [type, pairs.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))];
}

/**
 * Puts what is added into a folder of its own, where its collection says something for everything in it that the one
 * that is there does not say: the folder says it then, and nothing changes for what is there.
 */
export function inOwnFolder(there: CollectionJson, added: CollectionJson): CollectionJson {
  const said = settingsOf(added);
  if (said === undefined || said === settingsOf(there)) return added;
  const { info, item, variable, ...own } = added;
  const { description } = info;
  const folder: EntryJson = {
    name: textAt(info, 'name'),
    ...(description === undefined ? {} : { description }),
    ...own,
    item,
  };
  return { info, item: [folder], ...(variable && { variable }) };
}
