import type { CollectionEvent, Example } from '../../collection.ts';
import { digest } from '../../content-id.ts';
import type { Exchange, RecordedResponse } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import { parseJson } from '../../json/leaves.ts';
import { answerShape } from '../scripts/answer-shape.ts';
import { answerTests, type Store } from '../scripts/test-scripts.ts';
import type { SurveyedRequest } from '../survey/survey.ts';
import { answerOf, askedRequest, type ItemContext, type RecordedItem } from './item.ts';
import { exampleOf, readAnswer } from './response.ts';

type ExampleEvent = Extract<CollectionEvent, { kind: 'example' }>;

/** Turns the exchanges of one item into its examples, and their common properties into a script. */
export function exampleCollector(
  item: RecordedItem,
  surveyed: SurveyedRequest,
  context: ItemContext,
) {
  const { options, secrets } = context;
  const isEndpoint = surveyed.endpoint !== undefined;
  // Only needed if more than one example is possible.
  const known = surveyed.count > 1 ? new Set<string>() : undefined;
  const tests = options.tests ? answerTests() : undefined;

  async function see(exchange: Exchange): Promise<ExampleEvent | undefined> {
    const answer = answerOf(exchange);
    if (answer === undefined) return undefined;
    const inBody = context.inPart('response', exchange);
    const example = await exampleOf(answer, item.id, exchange, secrets, inBody);
    if (exchange.outcome.kind === 'completed') await assert(answer, example);
    if (known !== undefined) {
      const key = isEndpoint ? shapeKey(example) : answerKey(example);
      if (known.has(key)) return undefined;
      known.add(key);
    }
    const request = isEndpoint ? await askedRequest(exchange, context) : undefined;
    return { kind: 'example', example: request === undefined ? example : { ...example, request } };
  }

  async function assert(answer: RecordedResponse, example: Pick<Example, 'body'>): Promise<void> {
    if (tests === undefined) return;
    const type = contentTypeOf(answer.headers);
    const { text } = await readAnswer(answer);
    tests.see({
      status: answer.status,
      type: type?.essence,
      text: answer.body?.cut ? undefined : text,
      redacted: example.body ?? undefined,
    });
  }

  return { see, script: (stores: readonly Store[]) => tests?.lines(stores) ?? [] };
}

/** Responses with equal status and body are one example. The name of a binary body includes its size. */
function answerKey({ name, code, body }: Pick<Example, 'name' | 'code' | 'body'>): string {
  return digest(`${code} ${name}\n${body ?? ''}`).slice(0, 32);
}

/** Responses of an endpoint with equal status and shape are one example. */
function shapeKey({
  code,
  body = null,
  language,
}: Pick<Example, 'code' | 'body' | 'language'>): string {
  const value = body === null || language !== 'json' ? undefined : parseJson(body);
  if (value === undefined) return `${code} ${language} ${body === null}`;
  const shape = answerShape();
  shape.see(value);
  return digest(`${code} ${JSON.stringify(shape.schema())}`).slice(0, 32);
}
