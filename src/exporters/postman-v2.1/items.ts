import { digest } from '../../collection/identifiers.ts';
import type { RequestFacts, Survey } from '../../collection/survey.ts';
import type { Exchange, Recording } from '../../exchange.ts';
import type { RenderContext } from './context.ts';
import { answerOf, type ItemHead, itemHead } from './item.ts';
import { jsonAt, withMember } from './json.ts';
import { exampleOf } from './response.ts';
import type { Example } from './schema.ts';

/** An item whose examples are still coming. */
type OpenItem = {
  readonly index: number;
  readonly head: ItemHead;
  /** Status and body of the examples written; needed only where more than one can come. */
  readonly answers: Set<string> | undefined;
  examples: number;
};

/** The collection's items as text, in pieces: an item is never held with all of its examples. */
export async function* itemTexts(
  recording: Recording,
  survey: Survey,
  context: RenderContext,
): AsyncGenerator<string> {
  let open: OpenItem | undefined;
  let position = 0;
  for await (const exchange of recording.read(survey.order)) {
    const index = survey.requestOf[position++] ?? 0;
    let text = '';
    if (open?.index !== index) {
      const facts = survey.requests[index] ?? NO_FACTS;
      const head = await itemHead(exchange, facts, context);
      text = `${open === undefined ? '' : `${closing(open)},`}\n${head.text},\n\t\t\t"response": [`;
      const answers = facts.count > 1 ? new Set<string>() : undefined;
      open = { index, head, answers, examples: 0 };
    }
    yield text + (await exampleText(exchange, open, context));
  }
  if (open !== undefined) yield closing(open);
}

const NO_FACTS: RequestFacts = { count: 1, redirected: false, withoutCookies: false };

function closing(item: OpenItem): string {
  return `${item.examples === 0 ? '' : '\n\t\t\t'}]\n\t\t}`;
}

async function exampleText(
  exchange: Exchange,
  item: OpenItem,
  context: RenderContext,
): Promise<string> {
  const answer = answerOf(exchange);
  if (answer === undefined) return '';
  const { url } = exchange.request;
  const example = await exampleOf(answer, item.head.id, url, context.secrets);
  if (item.answers?.has(answerKey(example))) return '';
  item.answers?.add(answerKey(example));
  item.examples += 1;
  const text = withMember(4, jsonAt(4, example), 'originalRequest', item.head.originalRequest);
  return `${item.examples === 1 ? '' : ','}\n${text}`;
}

/** Answers that are equal in status and body are one example. Of a binary body the name tells its size. */
function answerKey({ name, code, body }: Pick<Example, 'name' | 'code' | 'body'>): string {
  return digest(`${code} ${name}\n${body ?? ''}`).slice(0, 32);
}
