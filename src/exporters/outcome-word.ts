import type { RecordedCall } from '../collection.ts';

/** The outcome of a call in a word or two: `200`, `failed: refused`, `206, aborted`. */
export function outcomeWord({ response, fault }: RecordedCall): string {
  const words = [response?.status, fault].filter((word) => word !== undefined);
  return words.length === 0 ? 'answered' : words.join(', ');
}
