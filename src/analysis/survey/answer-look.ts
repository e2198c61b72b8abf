import { type Exchange, responseOf } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import { kindOfMediaType } from '../../http/media-type.ts';
import { wholeText } from '../../http/message-text.ts';
import { parseJson } from '../../json/leaves.ts';

/** Fewer names are too common to identify a kind: `error`, `data` and `total`. */
const FEWEST_NAMES = 3;

/**
 * The look of a response, which identifies responses of one kind ({@link observedTemplates} takes it as the shape of a
 * path): the names in a JSON object that answers a GET; undefined for everything else.
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
