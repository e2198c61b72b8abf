import type { Collection, Item } from '../../collection.ts';
import type { OnLoss } from '../../document/losses.ts';
import { textOf } from '../../json/object.ts';
import { type ItemAddition, planAddition } from '../addition/plan.ts';
import { entryEvents, treeOf } from '../addition/tree.ts';
import type { RenderedFile } from '../exporter.ts';
import { DEFINITION } from './definition.ts';
import { heldSettings, itemMembers } from './documents.ts';
import { type ExistingItem, readExisting } from './existing.ts';
import { entryWriter, exampleFile, examplesFolder } from './files.ts';
import { hasPlace } from './scripts.ts';
import { messageFile, messagesFolder } from './socket-files.ts';
import { hasMember, withElements, withMember, withPairs } from './yaml-insertion.ts';

/**
 * Adds a collection to an existing collection v3, by the rules of `appendToCollection`. Existing files stay unchanged,
 * except that lines are added to requests and definitions that lack something.
 *
 * @param existing the YAML files by their paths
 * @throws UserError if one of them is not YAML
 */
export async function* appendedFiles(
  existing: ReadonlyMap<string, string>,
  collection: Collection,
  onLoss: OnLoss = () => {},
): AsyncGenerator<RenderedFile> {
  const there = readExisting(existing);
  const added = await treeOf(collection);
  const recorded = added.head.recorded === true;
  const text = [...existing.values()].join('\n');
  const addition = planAddition(there.tree, added, text, { held: heldItem }, onLoss);
  const files = changedFiles(existing);
  for (const one of addition.items) {
    const item = there.itemAt(one.at);
    const isFirst = item.examples.order === 0;
    for (const example of one.examples) {
      const request = example.request ?? (recorded ? one.item.request : undefined);
      yield exampleFile(example, request, item.examples, item.folder);
    }
    if (isFirst && one.examples.length > 0) files.change(item.path, withExamples(item));
    files.change(item.path, withMembers(one, onLoss));
  }
  for (const { at, messages } of addition.sockets) {
    const socket = there.itemAt(at);
    for (const message of messages) yield messageFile(message, socket.messages, socket.folder);
    files.change(socket.path, withMessages(socket));
  }
  for (const { at, list } of addition.entries) {
    const writer = entryWriter(there.folderAt(at), recorded);
    for (const event of entryEvents(list)) yield* writer.files(event);
  }
  for (const { at, text: description } of addition.descriptions) {
    const path = there.folderAt(at).path + DEFINITION;
    files.change(path, (before) =>
      before === '' || hasMember(before, 'description')
        ? before
        : withMember(before, 'description', description),
    );
  }
  if (addition.variables.length > 0) {
    const pairs = addition.variables.map(({ key, value }) => [key, textOf(value)] as const);
    files.change(DEFINITION, (before) => withPairs(before, 'variables', pairs));
  }
  yield* files.all();
}

/** The part of an item that a file of version 3 can hold. */
function heldItem(item: Item): Item {
  const { behavior, ...rest } = item;
  const settings = heldSettings(behavior);
  return {
    ...rest,
    variables: [],
    scripts: item.scripts.filter(hasPlace),
    ...(settings && { behavior: settings }),
  };
}

/** Collects changes to existing files, so that each is written once. */
function changedFiles(existing: ReadonlyMap<string, string>) {
  const texts = new Map<string, string>();
  return {
    change(path: string, edit: (text: string) => string): void {
      texts.set(path, edit(texts.get(path) ?? existing.get(path) ?? ''));
    },
    *all(): Generator<RenderedFile> {
      for (const [path, text] of texts)
        if (text !== (existing.get(path) ?? '')) yield { path, chunks: [text] };
    },
  };
}

function withExamples({ examples }: ExistingItem): (text: string) => string {
  return (text) =>
    hasMember(text, 'examples')
      ? text
      : withMember(text, 'examples', `./${examplesFolder(examples.request)}`);
}

function withMessages({ messages }: ExistingItem): (text: string) => string {
  return (text) =>
    hasMember(text, 'messages')
      ? text
      : withMember(text, 'messages', `./${messagesFolder(messages.request)}`);
}

/** Adds the members that an item lacks. An existing member stays, even if it is empty. */
function withMembers(addition: ItemAddition, onLoss: OnLoss): (text: string) => string {
  const { members, place } = addition;
  const { description, auth, settings, scripts = [] } = itemMembers(members);
  return (before) => {
    const single = Object.entries({ description, auth, settings });
    const text = single.reduce((current, [name, value]) => {
      if (value === undefined) return current;
      if (!hasMember(current, name)) return withMember(current, name, value);
      onLoss({ kind: name === 'description' ? 'descriptions' : name, place, kept: true });
      return current;
    }, before);
    return scripts.length === 0 ? text : withElements(text, 'scripts', scripts);
  };
}
