import type { Collection, CollectionEvent, Family } from '../collection.ts';
import { isObject } from '../json/object.ts';
import type { OnLoss } from './losses.ts';

/** Fields that the app generates anew each time. */
const BOOKKEEPING = new Set([
  '_collection_link',
  '_exporter_id',
  '_postman_id',
  '_postman_isSubFolder',
  'createdAt',
  'equals',
  'id',
  'lastUpdatedBy',
  'owner',
  'type',
  'uid',
  'updatedAt',
  'uuid',
]);

/** Members in which our field names have no meaning. */
const FOREIGN = new Set(['behavior', 'cookies', 'options', 'value']);

/**
 * The same collection. The first reading reports the fields that pmproxy does not know and the format drops.
 *
 * @param family the family whose unknown fields the format can hold; absent if it can hold none
 */
export function withUnknownFieldsTold(
  collection: Collection,
  family: Family | undefined,
  onLoss: OnLoss,
): Collection {
  let isTold = false;
  return {
    async *read() {
      const place: string[] = [];
      let own: Family | undefined;
      const silent = isTold;
      isTold = true;
      for await (const event of collection.read()) {
        if (event.kind === 'begin') own = event.head.family;
        if (event.kind === 'folder') place.push(event.folder.name);
        if (event.kind === 'item') place.push(event.item.name);
        if (event.kind === 'socket') place.push(event.socket.name);
        const count = silent ? 0 : droppedIn(event, own === family ? family : undefined);
        for (let told = 0; told < count; told += 1)
          onLoss({ kind: 'unknown fields', place: [...place] });
        if (event.kind === 'end' || event.kind === 'socket') place.pop();
        yield event;
      }
    },
  };
}

function droppedIn(event: CollectionEvent, kept: Family | undefined): number {
  if (kept === 'v2') return 0;
  const { kind, ...rest } = event;
  const [owner] = Object.values<unknown>(rest);
  // Version 1 keeps the unknown fields of collections, folders and requests.
  const isOwner = kept === 'v1' && /^(?:begin|folder|item)$/.test(kind);
  return unknownIn(isOwner && isObject(owner) ? { ...owner, extra: undefined } : rest);
}

/** `extra`, and `info` and `script` as members of a collection and a script. */
function unknownIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + unknownIn(one), 0);
  if (!isObject(value)) return 0;
  let count = 0;
  for (const [name, member] of Object.entries(value)) {
    if (FOREIGN.has(name)) continue;
    if (name === 'extra' || name === 'info' || name === 'script')
      count += Object.keys(isObject(member) ? member : {}).filter(
        (key) => !BOOKKEEPING.has(key),
      ).length;
    else if (typeof member === 'object') count += unknownIn(member);
  }
  return count;
}
