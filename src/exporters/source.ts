import { collectionOf } from '../analysis/items/events.ts';
import type { Collection } from '../collection.ts';
import { type GivenOptions, isRecording, type Source } from './exporter.ts';

/** Returns a collection unchanged; converts a recording, analysing it unless that was done for all outputs. */
export function asCollection(source: Source, options: GivenOptions): Collection {
  return isRecording(source) ? collectionOf(source, options) : source;
}
