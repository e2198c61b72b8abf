import type { FolderExporter } from '../exporter.ts';
import { collectionEvents } from '../postman-model/events.ts';
import { collectionFiles } from './files.ts';

/** Postman Collection v3, a folder of YAML as the app keeps it in git and the Postman CLI runs it. */
export const postmanV3: FolderExporter = {
  id: 'postman-v3',
  endings: ['/'],
  renderFiles: (recording, options) => collectionFiles(collectionEvents(recording, options)),
};
