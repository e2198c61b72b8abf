import { contentId, digest } from '../../collection/identifiers.ts';
import { nameOrigins } from '../../collection/origins.ts';
import { createSecrets } from '../../collection/secrets.ts';
import { type RequestFacts, type Survey, surveyRecording } from '../../collection/survey.ts';
import { variableNames } from '../../collection/variables.ts';
import type { Exchange, Recording } from '../../exchange.ts';
import { type ExportOptions, exportDefaults, type GivenOptions } from '../exporter.ts';
import { collectionDescription } from './description.ts';
import { answerOf, type ItemContext, type ItemHead, itemHead } from './item.ts';
import { exampleOf } from './response.ts';
import type { CollectionInfo, Example, FolderHead, Variable } from './schema.ts';
import { uniqueIds } from './unique-ids.ts';

/**
 * A collection in the order in which it is written, whatever the version of the format: what it is called, its folders,
 * items and examples, and last the variables, which are only known then. What lies between a folder or an item and its
 * end belongs to it.
 */
export type CollectionEvent =
  | { readonly kind: 'begin'; readonly info: CollectionInfo }
  | { readonly kind: 'folder'; readonly folder: FolderHead }
  | { readonly kind: 'item'; readonly item: ItemHead }
  /** What was asked is the request of the item. */
  | { readonly kind: 'example'; readonly example: Omit<Example, 'originalRequest'> }
  /** Of the item or folder that began last. */
  | { readonly kind: 'end' }
  | { readonly kind: 'finish'; readonly variables: readonly Variable[] };

/** An item whose examples are still coming. */
type OpenItem = {
  readonly index: number;
  readonly id: string;
  /** Status and body of the examples so far; needed only where more than one can come. */
  readonly answers: Set<string> | undefined;
};

/** Reads a recording as a collection, one exchange at a time: no item is held with all of its examples. */
export async function* collectionEvents(
  recording: Recording,
  given: GivenOptions,
): AsyncGenerator<CollectionEvent> {
  const options: ExportOptions = { ...exportDefaults, ...given };
  const survey = await surveyRecording(recording, options);
  const context = contextOf(survey, options);
  yield { kind: 'begin', info: infoOf(survey, options) };
  let open: OpenItem | undefined;
  let position = 0;
  for await (const exchange of recording.read(survey.order)) {
    const index = survey.requestOf[position++] ?? 0;
    if (open?.index !== index) {
      if (open !== undefined) yield END;
      const facts = survey.requests[index] ?? NO_FACTS;
      const item = await itemHead(exchange, facts, context);
      open = { index, id: item.id, answers: facts.count > 1 ? new Set() : undefined };
      yield { kind: 'item', item };
    }
    const example = await newExample(exchange, open, context);
    if (example !== undefined) yield { kind: 'example', example };
  }
  if (open !== undefined) yield END;
  yield { kind: 'finish', variables: variablesOf(context) };
}

const END = { kind: 'end' } as const;
const NO_FACTS: RequestFacts = { count: 1, redirected: false, withoutCookies: false };

function contextOf(survey: Survey, options: ExportOptions): ItemContext {
  const names = variableNames(survey.bracedNames);
  return {
    options,
    variables: options.variables ? nameOrigins(survey.origins, names) : new Map(),
    secrets: createSecrets({
      mode: options.secrets,
      names,
      redact: options.redact,
      onSecret: options.onSecret,
    }),
    uniqueId: uniqueIds(),
  };
}

function infoOf(survey: Survey, { name }: ExportOptions): CollectionInfo {
  const description = collectionDescription(survey);
  return {
    _postman_id: contentId('collection', name),
    name,
    ...(description === undefined ? {} : { description }),
  };
}

/** Secrets are declared without values: to be filled in, or to come from an environment. */
function variablesOf({ variables, secrets }: ItemContext): Variable[] {
  const hosts = [...variables].map(([value, key]) => ({ key, value }));
  return [...hosts, ...secrets.variables.map((key) => ({ key, value: '' }))];
}

/** Answers that are equal in status and body are one example. Of a binary body the name tells its size. */
async function newExample(
  exchange: Exchange,
  item: OpenItem,
  context: ItemContext,
): Promise<Omit<Example, 'originalRequest'> | undefined> {
  const answer = answerOf(exchange);
  if (answer === undefined) return undefined;
  const example = await exampleOf(answer, item.id, exchange.request.url, context.secrets);
  if (item.answers === undefined) return example;
  const key = digest(`${example.code} ${example.name}\n${example.body ?? ''}`).slice(0, 32);
  if (item.answers.has(key)) return undefined;
  item.answers.add(key);
  return example;
}
