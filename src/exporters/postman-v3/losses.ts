import type { Collection, CollectionEvent, Folder, Item, Script } from '../../collection.ts';
import type { OnLoss } from '../../document/losses.ts';
import { sentBody } from '../../document/sent.ts';
import { plainText } from '../../document/text.ts';
import { hasPlace } from './scripts.ts';

/** The same collection; reading it reports what version 3 cannot hold. */
export function withLossesTold(collection: Collection, onLoss: OnLoss): Collection {
  return {
    async *read() {
      const place: string[] = [];
      let recorded = false;
      for await (const event of collection.read()) {
        if (event.kind === 'begin') recorded = event.head.recorded === true;
        // For a recording, everything requested is written.
        if (!recorded) tell(event, place, onLoss);
        yield event;
      }
    },
  };
}

function tell(event: CollectionEvent, place: string[], onLoss: OnLoss): void {
  switch (event.kind) {
    case 'begin':
      tellScripts(event.head.scripts, [], onLoss);
      if (event.head.behavior) onLoss({ kind: 'settings of collections and folders', place: [] });
      for (const { description } of event.head.variables)
        if (plainText(description) !== undefined)
          onLoss({ kind: 'descriptions of variables', place: [] });
      break;
    case 'folder':
      place.push(event.folder.name);
      tellFolder(event.folder, [...place], onLoss);
      break;
    case 'item':
      place.push(event.item.name);
      tellItem(event.item, [...place], onLoss);
      break;
    case 'example':
      if (event.example.cookies?.length) onLoss({ kind: 'cookies of examples', place: [...place] });
      break;
    case 'end':
      place.pop();
  }
}

function tellFolder(folder: Folder, place: readonly string[], onLoss: OnLoss): void {
  tellScripts(folder.scripts, place, onLoss);
  if (folder.behavior) onLoss({ kind: 'settings of collections and folders', place });
  for (const _ of folder.variables) onLoss({ kind: 'variables of folders and requests', place });
}

function tellItem(item: Item, place: readonly string[], onLoss: OnLoss): void {
  const { request, behavior, description, variables, scripts } = item;
  tellScripts(scripts, place, onLoss);
  for (const _ of variables) onLoss({ kind: 'variables of folders and requests', place });
  if (plainText(request.description) !== undefined && plainText(description) !== undefined)
    onLoss({ kind: 'a second description of a request', place });
  const { body, headers, url } = request;
  const fields = body && 'fields' in body ? body.fields : [];
  for (const { key } of [...headers, ...(url.parts?.query ?? []), ...fields])
    if (key === '__proto__') onLoss({ kind: 'headers and parameters named __proto__', place });
  if (body && body.mode !== 'none' && sentBody(request, behavior) === undefined)
    onLoss({ kind: 'bodies that runners do not send', place });
  if (body?.mode === 'formdata' && body.fields.some(({ fileName }) => fileName !== undefined))
    onLoss({ kind: 'names of uploaded files that differ from their paths', place });
}

function tellScripts(scripts: readonly Script[], place: readonly string[], onLoss: OnLoss): void {
  for (const script of scripts)
    if (!hasPlace(script)) onLoss({ kind: 'disabled scripts and scripts for other events', place });
}
