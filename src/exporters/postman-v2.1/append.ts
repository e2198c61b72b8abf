import type { Collection, CollectionEvent, CollectionHead } from '../../collection.ts';
import type { OnLoss } from '../../document/losses.ts';
import { authJson, scriptJson, type V2Form, variableJson } from '../../document/v2/request-json.ts';
import { UserError } from '../../errors.ts';
import { editJson, type JsonEditor } from '../../json/insertion.ts';
import { isDeeper } from '../../json/leaves.ts';
import { isObject, type JsonObject } from '../../json/object.ts';
import { type Addition, type ItemAddition, planAddition } from '../addition/plan.ts';
import { type EntryEvent, entryEvents, treeOf } from '../addition/tree.ts';
import { asCollection, type CollectionJson, treeOfJson } from './collection-json.ts';
import { collectionText } from './writer.ts';

/** Options for adding to a collection v2. */
export type AppendOptions = {
  readonly version: V2Form['version'];
  /** The existing collection's name in errors: its path. */
  readonly shown?: string | undefined;
  /** Called for each member that differs between the collections; the existing text stays. */
  readonly onLoss?: OnLoss | undefined;
};

/**
 * Adds a collection to an existing one, which may have been edited, or exported again by Postman, since it was written.
 * Every existing character stays. Existing requests get new responses as further examples, and the scripts, description,
 * auth, variables and settings that they lack. Other requests are added after the last one (of their folder), with the
 * variables that they need. If nothing is new, the text is returned unchanged.
 *
 * @param existing the text of the existing collection
 * @throws UserError if `existing` is not a collection of that version
 */
export async function appendToCollection(
  existing: string,
  collection: Collection,
  { version, shown, onLoss = () => {} }: AppendOptions,
): Promise<string> {
  const there = readCollection(existing, version, shown);
  const added = await treeOf(collection);
  const holding = { held: <T>(item: T) => item };
  const plan = planAddition(treeOfJson(there), added, existing, holding, onLoss);
  return withAddition(existing, there, plan, { head: added.head, version, onLoss });
}

/**
 * Reads a collection for appending.
 *
 * @param shown its name in errors: its path
 * @throws UserError if it is not a collection of that version
 */
export function readCollection(
  text: string,
  version: V2Form['version'],
  shown = 'the collection',
): CollectionJson {
  const refuse = (reason: string, cause?: unknown) =>
    new UserError(
      `Cannot append to ${shown}: it is not a Postman collection v${version} (${reason}).`,
      { cause, hint: 'Choose another file with -o, or leave out --append to replace this one.' },
    );
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw refuse('it is not JSON', cause);
  }
  if (isDeeper(value, DEEPEST)) throw refuse(`it is nested more than ${DEEPEST} levels deep`);
  const collection = asCollection(value);
  if (collection === undefined) throw refuse('it has no "info" or no list of "item"');
  const found = versionOf(collection);
  if (found === undefined) throw refuse('its "info" names no schema');
  if (found !== version) throw refuse(`it is of version ${found}`);
  return collection;
}

/** Each folder is two levels. The functions that find the place of an addition recurse for each folder. */
const DEEPEST = 1000;

/** `2.1.0` out of `https://schema.getpostman.com/json/collection/v2.1.0/collection.json`. */
function versionOf({ info }: CollectionJson): string | undefined {
  return /\bv(\d+\.\d+\.\d+)\b/.exec(String(info['schema']))?.[1];
}

type Writing = {
  readonly head: CollectionHead;
  readonly version: V2Form['version'];
  readonly onLoss: OnLoss;
};

type Path = readonly (string | number)[];

function withAddition(
  existing: string,
  there: CollectionJson,
  { items, entries, descriptions, variables }: Addition,
  writing: Writing,
): string {
  if (items.length === 0 && entries.length === 0 && descriptions.length === 0) return existing;
  const form: V2Form = { version: writing.version, family: writing.head.family };
  const editor = editJson(existing);
  for (const addition of items) {
    const put = putting(editor, there, (kind) =>
      writing.onLoss({ kind, place: addition.place, kept: true }),
    );
    putMembers(put, there, addition, form);
    const { item, examples } = addition;
    if (examples.length === 0) continue;
    const [written] = writtenEntries(entryEvents([{ item, examples }]), writing);
    put(pathOf(addition.at), 'response', written?.['response'], 'examples');
  }
  const put = putting(editor, there, () => {});
  for (const { at, text } of descriptions) put(pathOf(at), 'description', text, 'descriptions');
  for (const { at, list } of entries)
    put(pathOf(at), 'item', writtenEntries(entryEvents(list), writing), 'items');
  if (variables.length > 0) {
    const list = variables.map((variable) => variableJson(variable, form));
    put([], 'variable', list, 'variables');
  }
  return editor.text();
}

type Put = (path: Path, name: string, value: unknown, kind: string) => void;

/** Fills in a missing value: a member, the elements of a list, or the text of an empty string. */
function putting(editor: JsonEditor, there: CollectionJson, onKept: (kind: string) => void): Put {
  return (path, name, value, kind) => {
    const owner = valueAt(there, path);
    const known = isObject(owner) ? owner[name] : null;
    if (known === undefined) editor.addMember(path, name, value);
    else if (Array.isArray(known) && Array.isArray(value)) editor.append([...path, name], value);
    else if (known === '' && typeof value === 'string') editor.fill([...path, name], value);
    else onKept(kind);
  };
}

function putMembers(
  put: Put,
  there: CollectionJson,
  { at, members }: ItemAddition,
  form: V2Form,
): void {
  const item = pathOf(at);
  const request = [...item, 'request'];
  const { scripts, description, auth, variables, behavior } = members;
  if (scripts) {
    const events = scripts.map((script) => scriptJson(script, form));
    put(item, 'event', events, 'scripts');
  }
  if (description !== undefined) {
    // A request may be just its URL.
    const owner = isObject(valueAt(there, request)) ? request : item;
    put(owner, 'description', description, 'descriptions');
  }
  if (auth) put(request, 'auth', authJson(auth, form), 'auth');
  if (variables) {
    const list = variables.map((variable) => variableJson(variable, form));
    put(item, 'variable', list, 'variables');
  }
  if (behavior) put(item, 'protocolProfileBehavior', behavior, 'settings');
}

/** Entries as the writer of the format writes them. */
function writtenEntries(
  entries: Iterable<EntryEvent>,
  { head, version }: Writing,
): readonly JsonObject[] {
  const { family, recorded } = head;
  function* events(): Generator<CollectionEvent> {
    const mode = recorded ? { family, recorded } : { family };
    yield { kind: 'begin', head: { ...mode, name: '', scripts: [], variables: [] } };
    yield* entries;
    yield { kind: 'finish' };
  }
  const written: unknown = JSON.parse(collectionText(events(), version));
  return isObject(written) && Array.isArray(written['item']) ? written['item'] : [];
}

function pathOf(place: readonly number[]): Path {
  return place.flatMap((index) => ['item', index]);
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof step === 'number'
        ? Array.isArray(value)
          ? value[step]
          : undefined
        : isObject(value)
          ? value[step]
          : undefined,
    root,
  );
}
