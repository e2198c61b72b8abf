import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CollectionEvent, Collection as Document } from '../../src/collection.ts';
import type { Loss } from '../../src/document/losses.ts';
import { exporters, folderExporters } from '../../src/exporters/index.ts';
import { environmentOf } from '../../src/importers/environment.ts';
import { documentSource } from '../../src/output/document.ts';
import { newFolder } from './folder.ts';
import { openCollection } from './inputs.ts';

/** The input of a case from the field. */
export function casePath(name: string, file = 'in.postman_collection.json'): string {
  return fileURLToPath(new URL(`../cases/${name}/${file}`, import.meta.url));
}

export type Converted = { readonly text: string; readonly losses: readonly Loss[] };

export type ConvertOptions = {
  readonly secrets?: 'redact' | 'env' | 'keep';
  /** The values of variables, as an environment gives them. */
  readonly values?: Readonly<Record<string, string>>;
};

/** Converts a collection as `convert` does, without the process around it. */
export async function convert(
  path: string,
  format: keyof typeof exporters,
  options: ConvertOptions = {},
): Promise<Converted> {
  const { source, losses, given } = await opened(path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of exporters[format].render(source.collection, given))
    chunks.push(Buffer.from(chunk));
  return { text: Buffer.concat(chunks).toString(), losses };
}

/** Converts a collection to version 3. */
export async function convertToFolder(
  path: string,
  options: ConvertOptions = {},
): Promise<{ readonly folder: string; readonly losses: readonly Loss[] }> {
  const { source, losses, given } = await opened(path, options);
  const folder = join(await newFolder(), 'collection');
  const files = folderExporters['postman-v3'].renderFiles(source.collection, given);
  for await (const file of files) {
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    const pieces: Buffer[] = [];
    for await (const chunk of file.chunks) pieces.push(Buffer.from(chunk));
    await writeFile(target, Buffer.concat(pieces));
  }
  return { folder, losses };
}

async function opened(path: string, { secrets = 'redact', values = {} }: ConvertOptions) {
  const losses: Loss[] = [];
  const source = documentSource([await openCollection(path)], [environmentOf(values, 'values')], {
    secrets,
    redact: [],
    name: undefined,
    filter: undefined,
    onConflict: () => {},
  });
  if (source === undefined) throw new Error('There is nothing to convert.');
  const { environment } = source;
  const given = {
    name: 'case',
    secrets,
    environment,
    onLoss: (loss: Loss) => void losses.push(loss),
  };
  return { source, losses, given };
}

/** A file of its own with this text. */
export async function stored(text: string, name = 'c.postman_collection.json'): Promise<string> {
  const path = join(await newFolder(), name);
  await writeFile(path, text);
  return path;
}

/** Everything that a collection says, in order. */
export async function eventsIn(collection: Document): Promise<CollectionEvent[]> {
  const events: CollectionEvent[] = [];
  for await (const event of collection.read()) events.push(event);
  return events;
}
