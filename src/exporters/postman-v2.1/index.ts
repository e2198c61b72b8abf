import { asCollection, type Exporter } from '../exporter.ts';
import { appendToCollection, readCollection } from './append.ts';
import { collectionTexts } from './writer.ts';

/** Postman Collection v2.1, as newman, the Postman CLI and the app read it. */
export const postman: Exporter = {
  id: 'postman',
  family: 'v2',
  endings: ['.json'],
  about: 'Collection v2.1, for Postman, newman and the Postman CLI',
  usualEnding: '.postman_collection.json',
  runner: 'npx newman run',
  asksForEnvironment: true,
  render: (source, options) => collectionTexts(asCollection(source, options), '2.1.0'),
  append: {
    check: (existing, shown) => void readCollection(existing, '2.1.0', shown),
    merge: (existing, source, options, shown) =>
      appendToCollection(existing, asCollection(source, options), {
        version: '2.1.0',
        shown,
        onLoss: options.onLoss,
      }),
  },
};
