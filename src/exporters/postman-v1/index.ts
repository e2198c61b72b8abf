import { type Exporter, isRecording } from '../exporter.ts';
import { PLAIN } from './plain.ts';

/** Writes a recording as PostmanProxy 0.1 saved it, and a collection with all that version 1 can hold. */
export const postmanV1: Exporter = {
  id: 'postman-v1',
  family: 'v1',
  endings: ['.postman_collection'],
  asks: PLAIN,
  about: 'Collection v1, as PostmanProxy wrote it',
  asksForEnvironment: true,
  async *render(source, options) {
    if (isRecording(source)) {
      const { recordingTexts } = await import('./recording.ts');
      yield* recordingTexts(source, options);
    } else {
      const { documentTexts } = await import('./document.ts');
      yield* documentTexts(source, options.onLoss);
    }
  },
};
