import type { OnLoss } from '../../document/losses.ts';
import { UserError } from '../../errors.ts';
import { editJson } from '../../json/insertion.ts';
import { isDeeper } from '../../json/leaves.ts';
import { type Addition, planAddition } from './addition.ts';
import { asCollection, type CollectionJson } from './collection-json.ts';

/**
 * Adds a rendered collection to one that is there, which may have been edited, or exported again by Postman, since it
 * was written. What is there stays, character by character: requests that are there already get the answers that are
 * new as further examples, other requests come after the last one (of their folder), and with them the variables they
 * need. When nothing is new, the text comes back as it is.
 *
 * @param existing the text of the collection that is there
 * @param rendered what the exporter of the same version of the format wrote
 * @param shown what the existing collection is called in an error: its path
 * @param onLoss told of what a folder says for everything in it, where one of its name is there that says something else
 * @throws UserError when `existing` is no collection of that version
 */
export function appendToCollection(
  existing: string,
  rendered: string,
  shown?: string,
  onLoss?: OnLoss,
): string {
  const incoming = asCollection(JSON.parse(rendered));
  const version = incoming && versionOf(incoming);
  if (incoming === undefined || version === undefined) {
    throw new TypeError('The appended value is not a collection.');
  }
  const there = readCollection(existing, version, shown);
  return withAddition(existing, planAddition(there, incoming, existing, onLoss));
}

/**
 * Reads a collection that something shall be appended to.
 *
 * @param version of the format, `2.1.0`
 * @param shown what it is called in an error: its path
 * @throws UserError when it is none of that version
 */
export function readCollection(
  text: string,
  version: string,
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
  if (collection === undefined) throw refuse('it has no "info" and list of "item"');
  const found = versionOf(collection);
  if (found === undefined) throw refuse('its "info" names no schema');
  if (found !== version) throw refuse(`it is of version ${found}`);
  return collection;
}

/** Each folder is two levels. Where something is added is found by functions that call themselves for each. */
const DEEPEST = 1000;

/** `2.1.0` out of `https://schema.getpostman.com/json/collection/v2.1.0/collection.json`. */
function versionOf({ info }: CollectionJson): string | undefined {
  return /\bv(\d+\.\d+\.\d+)\b/.exec(String(info['schema']))?.[1];
}

function withAddition(existing: string, addition: Addition): string {
  const { examples, entries, variables } = addition;
  if (examples.length === 0 && entries.length === 0) return existing;
  const editor = editJson(existing);
  const extend = (path: readonly (string | number)[], name: string, values: readonly unknown[]) => {
    const list = [...path, name];
    if (editor.find(list) === undefined) editor.addMember(path, name, values);
    else editor.append(list, values);
  };
  for (const { at, list } of examples) extend(pathOf(at), 'response', list);
  for (const { at, list } of entries) extend(pathOf(at), 'item', list);
  if (variables.length > 0) extend([], 'variable', variables);
  return editor.text();
}

function pathOf(place: readonly number[]): (string | number)[] {
  return place.flatMap((index) => ['item', index]);
}
