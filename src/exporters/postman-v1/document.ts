import type { Collection, CollectionHead, Example, Folder, Item } from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import type { OnLoss } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import { uniqueIds } from '../../document/unique-ids.ts';
import { authJson, scriptJson, type V2Form, variableJson } from '../../document/v2/request-json.ts';
import { jsonAt } from '../../json/indented.ts';
import type { JsonObject } from '../../json/object.ts';
import { savedRequest, savedResponse } from './saved-request.ts';

/** A folder of version 1, which lists its contents by id. */
type OpenFolder = {
  readonly order: string[];
  readonly folders_order: string[];
};

/**
 * Writes a collection v1 with all its contents. Requests form one list; the folders, which list them in order, come
 * last.
 */
export async function* documentTexts(
  collection: Collection,
  onLoss: OnLoss = () => {},
): AsyncGenerator<string> {
  const unique = uniqueIds();
  const idOf = ({ id, name }: Item | Folder | Example, kind: string) =>
    unique(id ?? contentId('v1', kind, name));
  const folders: JsonObject[] = [];
  const root: OpenFolder = { order: [], folders_order: [] };
  const open = [root];
  let head: CollectionHead = { family: 'v2', name: '', scripts: [], variables: [] };
  let collectionId = '';
  let item:
    | { readonly item: Item; readonly id: string; readonly responses: JsonObject[] }
    | undefined;
  let count = 0;
  for await (const event of collection.read()) {
    const folder = open.at(-1) ?? root;
    switch (event.kind) {
      case 'begin':
        head = event.head;
        collectionId = unique(head.id ?? contentId('collection', head.name));
        yield `{\n\t"id": ${JSON.stringify(collectionId)},\n\t"name": ${JSON.stringify(head.name)},\n\t"requests": [`;
        break;
      case 'folder': {
        const id = idOf(event.folder, 'folder');
        // The app shows folders above requests.
        if (folder.order.length > 0)
          onLoss({
            kind: 'the position of folders that come after requests',
            place: [event.folder.name],
          });
        folder.folders_order.push(id);
        const inner: OpenFolder = { order: [], folders_order: [] };
        open.push(inner);
        const { name } = event.folder;
        folders.push({ id, name, ...ownerJson(event.folder, head), ...inner, collectionId });
        break;
      }
      case 'item': {
        const id = idOf(event.item, 'request');
        folder.order.push(id);
        item = { item: event.item, id, responses: [] };
        break;
      }
      case 'example':
        item?.responses.push(savedResponse(event.example, idOf(event.example, 'response')));
        break;
      case 'end':
        if (item === undefined) open.pop();
        else {
          const { id, responses } = item;
          const owner = ownerJson(item.item, head);
          const request = { id, ...savedRequest(item.item), ...owner, responses, collectionId };
          yield `${count === 0 ? '' : ','}\n${jsonAt(2, request)}`;
          count += 1;
          item = undefined;
        }
        break;
      case 'finish': {
        const variables = [...head.variables, ...(event.variables ?? [])];
        const rest = { ...ownerJson({ ...head, variables }, head), ...root, folders };
        yield `${count === 0 ? '' : '\n\t'}],${jsonAt(0, rest).slice(1)}\n`;
      }
    }
  }
}

/** The members that collections, folders and requests share. */
function ownerJson(owner: CollectionHead | Folder | Item, { family }: CollectionHead): JsonObject {
  const form: V2Form = { version: '2.1.0', family };
  const { scripts, variables, behavior } = owner;
  const said = plainText(owner.description);
  const auth = 'request' in owner ? owner.request.auth : owner.auth;
  return {
    ...(said === undefined || 'request' in owner ? {} : { description: said }),
    ...(auth && { auth: authJson(auth, form) }),
    ...(scripts.length === 0 ? {} : { events: scripts.map((script) => scriptJson(script, form)) }),
    ...(variables.length === 0
      ? {}
      : { variables: variables.map((variable) => variableJson(variable, form)) }),
    ...(behavior && { protocolProfileBehavior: behavior }),
    ...(family === 'v1' ? owner.extra : {}),
  };
}
