import type { Exporter } from '../exporter.ts';
import { collectionEvents } from '../postman-model/events.ts';
import { collectionTexts } from './writer.ts';

/** Postman Collection v2.1, as newman, the Postman CLI and the app read it. */
export const postman: Exporter = {
  id: 'postman',
  endings: ['.json'],
  render: (recording, options) => collectionTexts(collectionEvents(recording, options), SCHEMA),
};

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
