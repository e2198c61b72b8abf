import { exampleId } from '../../analysis/items/response.ts';
import { hostName } from '../../analysis/naming/origins.ts';
import type { Variable } from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import { uniqueIds } from '../../document/unique-ids.ts';
import { requestText } from '../../document/v2/request-json.ts';
import { originOf, parseTarget } from '../../http/target.ts';
import { isObject, textOf } from '../../json/object.ts';
import { collectBracedNames, variableNames } from '../../secrets/variables.ts';
import { type Entry, isFolder, isItem, isSocket, type Tree } from './tree.ts';

/** A collection whose variables have the names used in another one. */
export type Renamed = {
  readonly tree: Tree;
  /** The variables that the other collection lacks. */
  readonly newVariables: readonly Variable[];
};

/** New names by old ones, where they differ. */
type Names = ReadonlyMap<string, string>;

/**
 * Gives the variables of an added collection the names that mean the same in an existing one. A host is identified by its
 * origin, whatever the name of its variable there (`baseUrl`), and a secret, whose value is unknown, by its name. A name
 * with another meaning there is not used.
 *
 * @param text the text of the existing collection: new hosts do not get names that it contains in braces
 */
export function withNamesOf(there: Tree, added: Tree, text: string): Renamed {
  const known = namesIn(there, added, text);
  const inUrls = new Map<string, string>();
  const elsewhere = new Map<string, string>();
  const variables = added.variables.map((given) => {
    const key = known.nameFor(given);
    if (key !== given.key) {
      inUrls.set(given.key, key);
      if (originIn(given) === undefined) elsewhere.set(given.key, key);
    }
    return { ...given, key };
  });
  const newVariables = variables.filter(({ key }) => known.isFree(key));
  if (inUrls.size === 0) return { tree: added, newVariables };
  const children = added.children.map(entryRenaming({ inUrls, elsewhere }));
  return { tree: { ...added, children, variables }, newVariables };
}

/** The meanings of names in a collection, and the free names. */
function namesIn(there: Tree, added: Tree, text: string) {
  const byName = new Map(there.variables.map((variable) => [variable.key, variable]));
  const byOrigin = new Map<string, string>();
  for (const variable of there.variables) {
    const origin = originIn(variable);
    if (origin !== undefined && !byOrigin.has(origin)) byOrigin.set(origin, variable.key);
  }
  const used = new Set(byName.keys());
  collectBracedNames(text, used);
  const names = variableNames([...used, ...added.variables.map(({ key }) => key)]);

  function nameFor(variable: Variable): string {
    const { key } = variable;
    const origin = originIn(variable);
    if (origin !== undefined) {
      return byOrigin.get(origin) ?? (used.has(key) ? names.claim(hostName(origin)) : key);
    }
    const namesake = byName.get(key);
    if (namesake === undefined) return key;
    const value = textOf(variable.value);
    const isSame =
      value === '' ? originIn(namesake) === undefined : value === textOf(namesake.value);
    return isSame ? key : names.claim(key);
  }
  return { nameFor, isFree: (name: string) => !used.has(name) };
}

/** The origin in a variable's value, if it is one. */
function originIn({ value, disabled }: Variable): string | undefined {
  const text = textOf(value);
  if (disabled || !/^https?:\/\/[^/?#]+\/?$/i.test(text)) return undefined;
  return originOf(parseTarget(text));
}

/** New names of hosts and secrets. Outside URLs a name in braces never means a recorded host. */
type Renaming = { readonly inUrls: Names; readonly elsewhere: Names };

function entryRenaming(renaming: Renaming): (entry: Entry) => Entry {
  const unique = uniqueIds();
  const rename = (entry: Entry): Entry => {
    if (isFolder(entry)) {
      const folder = renameIn(entry.folder, renaming);
      return { folder, children: entry.children.map(rename) };
    }
    if (isSocket(entry)) {
      const socket = renameIn(entry.socket, renaming);
      return { socket: { ...socket, id: unique(contentId('socket', socket.url.raw)) } };
    }
    if (!isItem(entry)) return entry;
    const item = renameIn(entry.item, renaming);
    const id = unique(contentId(requestText(item.request)));
    const examples = renameIn(entry.examples, renaming).map((example) => {
      const { code, body, headers } = example;
      return { ...example, id: exampleId(id, { code, body, header: headers }) };
    });
    return { item: { ...item, id }, examples };
  };
  return rename;
}

/** Returns the value with names replaced in all its strings. */
function renameIn<T>(value: T, renaming: Renaming): T {
  return renamedValue(value, renaming) as T;
}

function renamedValue(value: unknown, renaming: Renaming): unknown {
  if (typeof value === 'string') return withNames(value, renaming.elsewhere);
  if (Array.isArray(value)) return value.map((element) => renamedValue(element, renaming));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const names = name === 'url' ? { ...renaming, elsewhere: renaming.inUrls } : renaming;
    return [name, renamedValue(member, names)] as const;
  });
  return Object.fromEntries(members);
}

function withNames(text: string, names: Names): string {
  if (!text.includes('{{')) return text;
  return text.replace(/\{\{([^{}]*)\}\}/g, (whole, name) => {
    const renamed = names.get(name);
    return renamed === undefined ? whole : `{{${renamed}}}`;
  });
}
