import { asCollection, type Exporter } from '../exporter.ts';
import { appendToCollection, readCollection } from '../postman-v2.1/append.ts';
import { collectionTexts } from '../postman-v2.1/writer.ts';

/** Postman Collection v2.0, for programs that support no later version. */
export const postmanV20: Exporter = {
  id: 'postman-v2.0',
  family: 'v2',
  endings: [],
  about: 'Collection v2.0, for older tools',
  usualEnding: '.postman_collection.json',
  asksForEnvironment: true,
  render: (source, options) => collectionTexts(asCollection(source, options), '2.0.0'),
  append: {
    check: (existing, shown) => void readCollection(existing, '2.0.0', shown),
    merge: (existing, source, options, shown) =>
      appendToCollection(existing, asCollection(source, options), {
        version: '2.0.0',
        shown,
        onLoss: options.onLoss,
      }),
  },
};
