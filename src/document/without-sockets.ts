import type { Collection } from '../collection.ts';
import type { OnLoss } from './losses.ts';

/** The same collection without its WebSockets, for formats without items for them. The first reading reports each one. */
export function withoutSockets(collection: Collection, onLoss: OnLoss): Collection {
  let isTold = false;
  return {
    async *read() {
      const place: string[] = [];
      const silent = isTold;
      isTold = true;
      for await (const event of collection.read()) {
        if (event.kind === 'socket') {
          if (!silent) onLoss({ kind: 'WebSockets', place: [...place, event.socket.name] });
          continue;
        }
        if (event.kind === 'folder') place.push(event.folder.name);
        if (event.kind === 'item') place.push(event.item.name);
        if (event.kind === 'end') place.pop();
        yield event;
      }
    },
  };
}
