import { type Exchange, responseOf } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import { kindOfMediaType } from '../../http/media-type.ts';
import { wholeText } from '../../http/message-text.ts';
import { parseJson } from '../../json/leaves.ts';

/** Fewer names than these say nothing: `error`, `data` and `total`. */
const FEWEST_NAMES = 3;

/**
 * What an answer looked like, by which answers of one kind are known ({@link observedTemplates} has it as the shape of a
 * path): the names in an object of JSON, when that is the answer to a GET; undefined for everything else.
 */
export async function answerLook({ request, outcome }: Exchange): Promise<string | undefined> {
  const answer = responseOf(outcome);
  if (request.method !== 'GET' || answer?.status !== 200) return undefined;
  if (kindOfMediaType(contentTypeOf(answer.headers)?.essence ?? '') !== 'json') return undefined;
  const value = parseJson((await wholeText(answer.body, answer.headers)) ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const names = Object.keys(value).sort();
  return names.length < FEWEST_NAMES ? undefined : JSON.stringify(names);
}
