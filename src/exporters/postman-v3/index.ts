import type { Collection } from '../../collection.ts';
import { isObject } from '../../json/object.ts';
import type { FolderExporter, GivenOptions, Source } from '../exporter.ts';
import { DEFINITION } from './definition.ts';

const SOCKETS = { sockets: true } as const;

/** Postman Collection v3, a folder of YAML files, which the app keeps in git and the Postman CLI runs. */
export const postmanV3: FolderExporter = {
  id: 'postman-v3',
  endings: ['/'],
  about: 'Collection v3: a folder of YAML files, as Postman keeps it in git',
  runner: 'npx postman-cli collection run',
  asksForEnvironment: true,
  asks: SOCKETS,
  sockets: true,
  async *renderFiles(source, options) {
    const { collectionFiles } = await import('./files.ts');
    yield* collectionFiles(await toldCollection(source, options));
  },
  mark: { path: DEFINITION, isOurs: isDefinition },
  isOwn: (path) =>
    /(?:\.(?:request|example|message)|(?:^|\/)\.resources\/definition)\.yaml$/.test(path),
  append: {
    endings: ['.yaml'],
    async *files(existing, source, options) {
      const { appendedFiles } = await import('./append.ts');
      yield* appendedFiles(existing, await toldCollection(source, options), options.onLoss);
    },
  },
};

async function toldCollection(source: Source, options: GivenOptions): Promise<Collection> {
  const { asCollection } = await import('../source.ts');
  const collection = asCollection(source, { ...options, ...SOCKETS });
  if (!options.onLoss) return collection;
  const { withLossesTold } = await import('./losses.ts');
  return withLossesTold(collection, options.onLoss);
}

async function isDefinition(text: string): Promise<boolean> {
  const { parse } = await import('yaml');
  try {
    const value: unknown = parse(text);
    return isObject(value) && value['$kind'] === 'collection';
  } catch {
    return false;
  }
}
