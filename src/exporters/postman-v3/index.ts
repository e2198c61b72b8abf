import { parse } from 'yaml';
import { isObject } from '../../json/object.ts';
import { asCollection, type FolderExporter } from '../exporter.ts';
import { appendedFiles } from './append.ts';
import { collectionFiles, DEFINITION } from './files.ts';
import { withLossesTold } from './losses.ts';

/** Postman Collection v3, a folder of YAML files, which the app keeps in git and the Postman CLI runs. */
export const postmanV3: FolderExporter = {
  id: 'postman-v3',
  endings: ['/'],
  about: 'Collection v3: a folder of YAML files, as Postman keeps it in git',
  runner: 'npx postman-cli collection run',
  asksForEnvironment: true,
  renderFiles(source, options) {
    const collection = asCollection(source, options);
    const { onLoss } = options;
    return collectionFiles(onLoss ? withLossesTold(collection, onLoss) : collection);
  },
  mark: { path: DEFINITION, isOurs: isDefinition },
  isOwn: (path) => /(?:\.(?:request|example)|(?:^|\/)\.resources\/definition)\.yaml$/.test(path),
  append: {
    endings: ['.yaml'],
    files(existing, source, options) {
      const collection = asCollection(source, options);
      const { onLoss } = options;
      const told = onLoss ? withLossesTold(collection, onLoss) : collection;
      return appendedFiles(existing, told, onLoss);
    },
  },
};

function isDefinition(text: string): boolean {
  try {
    const value: unknown = parse(text);
    return isObject(value) && value['$kind'] === 'collection';
  } catch {
    return false;
  }
}
