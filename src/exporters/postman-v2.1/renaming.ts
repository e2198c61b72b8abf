import { exampleId } from '../../analysis/items/response.ts';
import { hostName } from '../../analysis/naming/origins.ts';
import { contentId } from '../../content-id.ts';
import { uniqueIds } from '../../document/unique-ids.ts';
import { requestDepth } from '../../document/v2/request-json.ts';
import { originOf, parseTarget } from '../../http/target.ts';
import { jsonAt } from '../../json/indented.ts';
import { isObject, type JsonObject, objectsOf, textAt } from '../../json/object.ts';
import { collectBracedNames, variableNames } from '../../secrets/variables.ts';
import { type CollectionJson, type EntryJson, isFolder } from './collection-json.ts';
import { variableName } from './identity.ts';

/** A rendered collection whose variables have the names that they have in another one. */
export type Renamed = {
  readonly collection: CollectionJson;
  /** The variables that the other collection lacks. */
  readonly newVariables: readonly JsonObject[];
};

/** New names by old ones, where they differ. */
type Names = ReadonlyMap<string, string>;

/**
 * Gives the variables of a rendered collection the names that stand for the same in another one: a host goes by its
 * origin, whatever it is called there (`baseUrl`); a secret, whose value nobody knows, by its name. A name that stands
 * for something else there is not used.
 *
 * @param text the text of the other collection: a name that it holds in braces is free for no new host
 */
export function withNamesOf(
  there: CollectionJson,
  rendered: CollectionJson,
  text: string,
): Renamed {
  const known = namesIn(there, rendered, text);
  const inUrls = new Map<string, string>();
  const elsewhere = new Map<string, string>();
  const variable = (rendered.variable ?? []).map((given) => {
    const old = variableName(given);
    const key = known.nameFor(given);
    if (key !== old) {
      inUrls.set(old, key);
      if (originIn(given) === undefined) elsewhere.set(old, key);
    }
    return { ...given, key };
  });
  const newVariables = variable.filter(({ key }) => known.isFree(key));
  if (inUrls.size === 0) return { collection: rendered, newVariables };
  const item = rendered.item.map(entryRenaming({ inUrls, elsewhere }));
  return { collection: { ...rendered, item, variable }, newVariables };
}

/** What names mean in a collection, and which are free there. */
function namesIn(there: CollectionJson, rendered: CollectionJson, text: string) {
  const declared = objectsOf(there, 'variable');
  const byName = new Map(declared.map((variable) => [variableName(variable), variable]));
  const byOrigin = new Map<string, string>();
  for (const variable of declared) {
    const origin = originIn(variable);
    if (origin !== undefined && !byOrigin.has(origin)) byOrigin.set(origin, variableName(variable));
  }
  const used = new Set(byName.keys());
  collectBracedNames(text, used);
  const others = (rendered.variable ?? []).map(variableName);
  const names = variableNames([...used, ...others]);

  function nameFor(variable: JsonObject): string {
    const name = variableName(variable);
    const origin = originIn(variable);
    if (origin !== undefined) {
      return byOrigin.get(origin) ?? (used.has(name) ? names.claim(hostName(origin)) : name);
    }
    const namesake = byName.get(name);
    if (namesake === undefined) return name;
    const value = textAt(variable, 'value');
    const isSame =
      value === '' ? originIn(namesake) === undefined : value === textAt(namesake, 'value');
    return isSame ? name : names.claim(name);
  }
  return { nameFor, isFree: (name: string) => !used.has(name) };
}

/** The origin that a variable stands for, where its value is one. */
function originIn(variable: JsonObject): string | undefined {
  const value = textAt(variable, 'value');
  if (variable['disabled'] === true || !/^https?:\/\/[^/?#]+\/?$/i.test(value)) return undefined;
  return originOf(parseTarget(value));
}

/** The names that hosts and secrets get: what an answer holds in braces is no host of ours. */
type Renaming = { readonly inUrls: Names; readonly elsewhere: Names };

function entryRenaming(renaming: Renaming): (entry: EntryJson) => EntryJson {
  const unique = uniqueIds();
  const rename = (entry: EntryJson): EntryJson => {
    if (isFolder(entry)) return { ...entry, item: entry.item.map(rename) };
    const renamed = renameIn(entry, renaming) as EntryJson;
    if (!isObject(renamed['request'])) return renamed;
    const { description: _, ...request } = renamed['request'];
    const id = unique(contentId(jsonAt(requestDepth, request)));
    const response = objectsOf(renamed, 'response').map((example) => ({
      ...example,
      id: exampleId(id, example),
    }));
    return { ...renamed, id, response };
  };
  return rename;
}

function renameIn(value: unknown, renaming: Renaming): unknown {
  if (typeof value === 'string') return withNames(value, renaming.elsewhere);
  if (Array.isArray(value)) return value.map((element) => renameIn(element, renaming));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const names = name === 'url' ? { ...renaming, elsewhere: renaming.inUrls } : renaming;
    return [name, renameIn(member, names)] as const;
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
