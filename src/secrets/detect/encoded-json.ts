import { RANKS, type Span } from '../spans.ts';
import { BASE64_JSON } from './token-formats.ts';

const RUN = /[\w+/-]{16}[\w+/-]*={0,2}/y;

/**
 * The runs of base64 in a text that are JSON with a secret in it, each as a whole.
 *
 * @param places where one may begin, in order
 * @param hasSecret of the JSON
 */
export function encodedJsonSpans(
  text: string,
  places: readonly number[],
  hasSecret: (json: string) => boolean,
): Span[] {
  const spans: Span[] = [];
  let next = 0;
  for (const start of places) {
    if (start < next || !BASE64_JSON.some((beginning) => text.startsWith(beginning, start)))
      continue;
    RUN.lastIndex = start;
    const run = RUN.exec(text)?.[0];
    if (run === undefined) continue;
    next = start + run.length;
    if (!hasSecret(Buffer.from(run, 'base64').toString())) continue;
    spans.push({ start, end: next, wanted: 'json_base64', rank: RANKS.part });
  }
  return spans;
}
