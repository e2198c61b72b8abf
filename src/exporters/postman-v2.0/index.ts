import type { Exporter } from '../exporter.ts';
import { collectionEvents } from '../postman-model/events.ts';
import { collectionTexts } from '../postman-v2.1/writer.ts';

/** Postman Collection v2.0, for programs that know no later one. */
export const postmanV20: Exporter = {
  id: 'postman-v2.0',
  endings: [],
  render: (recording, options) => collectionTexts(collectionEvents(recording, options), SCHEMA),
};

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.0.0/collection.json';
