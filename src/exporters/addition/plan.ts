import type { Example, Folder, Item, SocketMessage, Variable } from '../../collection.ts';
import type { OnLoss } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import {
  answerIdentities,
  hasCredentials,
  idsOf,
  messageIdentity,
  socketIdentity,
  valuesOf,
} from './identity.ts';
import { identitiesOf, knownEntries } from './known-entries.ts';
import { type ItemMembers, missingMembers } from './merging.ts';
import { withNamesOf } from './renaming.ts';
import { inOwnFolder, settingsOf } from './settings.ts';
import {
  type Entry,
  type FolderEntry,
  isFolder,
  isItem,
  isSocket,
  type Place,
  type SocketEntry,
  type Tree,
} from './tree.ts';

/** The parts of one collection that another lacks, and their places there. */
export type Addition = {
  /** Members and examples for existing items. */
  readonly items: readonly ItemAddition[];
  /** Messages for existing WebSockets. */
  readonly sockets: readonly { readonly at: Place; readonly messages: readonly SocketMessage[] }[];
  /** Entries for the end of the collection or of an existing folder. */
  readonly entries: readonly { readonly at: Place; readonly list: readonly Entry[] }[];
  /** Descriptions for existing folders that have none. */
  readonly descriptions: readonly { readonly at: Place; readonly text: string }[];
  /** The variables that the additions need. */
  readonly variables: readonly Variable[];
};

/** Additions to an existing item. */
export type ItemAddition = {
  readonly at: Place;
  /** The names of its folders and its own. */
  readonly place: readonly string[];
  readonly members: ItemMembers;
  readonly examples: readonly Example[];
  /** The added item, which the examples belong to. */
  readonly item: Item;
};

/** Facts about the existing collection's format. */
export type Holding = {
  /** The part of an item that the format can hold. */
  readonly held: (item: Item) => Item;
};

const OF_FOLDERS = 'auth, scripts and settings of folders';

/**
 * Compares an existing collection with a recorded or hand-written one that is added to it.
 *
 * @param text the text of the existing collection, which is searched for names in braces
 * @param onLoss called for each difference; the existing collection's member stays
 */
export function planAddition(
  there: Tree,
  added: Tree,
  text: string,
  { held }: Holding,
  onLoss: OnLoss,
): Addition {
  const incoming = withNamesOf(there, inOwnFolder(there, added), text);
  const found = findMissing(there, incoming.tree, held, onLoss);
  const json = JSON.stringify(found);
  const variables = incoming.newVariables.filter(({ key }) => isNamedIn(json, key));
  return { ...found, variables };
}

/** In braces, or in quotes as in scripts. */
function isNamedIn(json: string, name: string): boolean {
  return [`{{${name}}}`, `'${name}'`, `\\"${name}\\"`, `\`${name}\``].some((one) =>
    json.includes(one),
  );
}

/** A folder of the added collection, or that collection itself. */
type Around = {
  /** Its place in the existing collection; undefined if it is new. */
  readonly at: Place | undefined;
  /** Whether the requests in it inherit credentials. */
  readonly inherited: boolean;
  readonly names: readonly string[];
};

function findMissing(
  there: Tree,
  incoming: Tree,
  held: Holding['held'],
  onLoss: OnLoss,
): Omit<Addition, 'variables'> {
  const known = knownEntries(there);
  const { recorded } = incoming.head;
  /** The settings of a recorded request belong to that moment: the existing item need not have them. */
  const kept = (item: Item): Item => {
    const { behavior, ...rest } = held(item);
    return recorded || behavior === undefined ? rest : { ...rest, behavior };
  };
  const values = valuesOf(incoming.variables);
  const items: ItemAddition[] = [];
  const sockets: { at: Place; messages: readonly SocketMessage[] }[] = [];
  const descriptions: { at: Place; text: string }[] = [];
  const entries = new Map<string, { readonly at: Place; readonly list: Entry[] }>();

  function add(at: Place, list: readonly Entry[], inherited: boolean): void {
    if (list.length === 0) return;
    const written = known.inheritedAt(at) && !inherited ? list.map(byItself) : list;
    const before = entries.get(at.join()) ?? { at, list: [] };
    for (const entry of written) before.list.push(entry);
    entries.set(at.join(), before);
  }

  /** Returns the entries that the existing collection lacks; also notes what it lacks of the others. */
  function missing(list: readonly Entry[], around: Around): Entry[] {
    return list.flatMap((entry): Entry[] => {
      if (isFolder(entry)) return missingFolder(entry, around);
      if (isSocket(entry)) return missingSocket(entry);
      if (!isItem(entry)) return [];
      const { item } = entry;
      const found = known.take(idsOf(item), identitiesOf(item, values, around.inherited));
      if (found === undefined) return [entry];
      const place = [...around.names, item.name];
      const members = missingMembers(found, kept(item), (kind) =>
        onLoss({ kind, place, kept: true }),
      );
      const examples = newAnswers(found.entry.examples, entry.examples);
      if (examples.length > 0 || Object.keys(members).length > 0)
        items.push({ at: found.at, place, members, examples, item });
      return [];
    });
  }

  function missingSocket(entry: SocketEntry): Entry[] {
    const { socket } = entry;
    const found = known.takeSocket(idsOf(socket), socketIdentity(socket, values));
    if (found === undefined) return [entry];
    const sent = new Set(found.entry.socket.messages.map(messageIdentity));
    const messages = socket.messages.filter((message) => !sent.has(messageIdentity(message)));
    if (messages.length > 0) sockets.push({ at: found.at, messages });
    return [];
  }

  function missingFolder(entry: FolderEntry, around: Around): Entry[] {
    const { folder, children } = entry;
    const names = [...around.names, folder.name];
    const inherited = hasCredentials(folder) ?? around.inherited;
    const found = known.folder(idsOf(folder), folder.name, around.at);
    const list = missing(children, { at: found?.at, inherited, names });
    // A new folder without items was created on purpose; a folder whose items all exist already is not needed.
    if (found === undefined)
      return list.length === 0 && children.length > 0 ? [] : [{ folder, children: list }];
    const said = settingsOf(folder);
    if (said !== undefined && said !== settingsOf(found.entry.folder))
      onLoss({ kind: OF_FOLDERS, place: names, kept: true });
    const text = missingDescription(found.entry.folder, folder);
    if (text !== undefined) descriptions.push({ at: found.at, text });
    add(found.at, list, inherited);
    return [];
  }

  const inherited = hasCredentials(incoming.head) ?? false;
  add([], missing(incoming.children, { at: [], inherited, names: [] }), inherited);
  return { items, sockets, entries: [...entries.values()], descriptions };
}

function missingDescription(there: Folder, added: Folder): string | undefined {
  return plainText(there.description) === undefined ? plainText(added.description) : undefined;
}

/**
 * Prepares an entry for a folder that has credentials: the entry comes from a collection without that folder, so it gets
 * an explicit `noauth`.
 */
function byItself(entry: Entry): Entry {
  if (isFolder(entry)) {
    if (hasCredentials(entry.folder) !== undefined) return entry;
    return { ...entry, children: entry.children.map(byItself) };
  }
  if (!isItem(entry) || hasCredentials(entry.item.request) !== undefined) return entry;
  const request = { ...entry.item.request, auth: { type: 'noauth', attributes: [] } };
  return { ...entry, item: { ...entry.item, request } };
}

function newAnswers(there: readonly Example[], added: readonly Example[]): Example[] {
  const known = new Set(there.flatMap(answerIdentities));
  return added.filter(
    (example) => !answerIdentities(example).some((identity) => known.has(identity)),
  );
}
