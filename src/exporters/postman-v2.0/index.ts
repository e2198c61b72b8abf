import type { Exporter } from '../exporter.ts';
import { collectionEvents } from '../postman-model/events.ts';
import { appendToCollection, readCollection } from '../postman-v2.1/append.ts';
import { collectionTexts } from '../postman-v2.1/writer.ts';

/** Postman Collection v2.0, for programs that know no later one. */
export const postmanV20: Exporter = {
  id: 'postman-v2.0',
  endings: [],
  about: 'Collection v2.0, for older tools',
  usualEnding: '.postman_collection.json',
  render: (recording, options) => collectionTexts(collectionEvents(recording, options), SCHEMA),
  append: {
    check: (existing, shown) => void readCollection(existing, '2.0.0', shown),
    merge: appendToCollection,
  },
};

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.0.0/collection.json';
