import {
  type Auth,
  askedBy,
  DIGEST_PASSWORD,
  type WrittenAuth,
  writtenAuth,
} from '../../collection/auth.ts';
import { type ChainVariables, nameChains } from '../../collection/chain-variables.ts';
import { type Grouped, groupedOrder } from '../../collection/grouping.ts';
import { contentId } from '../../collection/identifiers.ts';
import { learningFrom } from '../../collection/learned-secrets.ts';
import { nameOrigins } from '../../collection/origins.ts';
import { createSecrets, type Secrets } from '../../collection/secrets.ts';
import { type Survey, type SurveyedRequest, surveyRecording } from '../../collection/survey.ts';
import { type VariableNames, variableNames } from '../../collection/variables.ts';
import type { Exchange, Recording } from '../../exchange.ts';
import { type ExportOptions, exportDefaults, type GivenOptions } from '../exporter.ts';
import { collectionDescription } from './description.ts';
import { exampleCollector } from './examples.ts';
import {
  type AskedRequest,
  type ItemContext,
  type ItemHead,
  itemHead,
  withoutAuth,
} from './item.ts';
import type { CollectionInfo, Example, FolderHead, Variable } from './schema.ts';
import { uniqueIds } from './unique-ids.ts';

/**
 * A collection in the order in which it is written, whatever the version of the format: what it is called, its folders,
 * items and examples, and last the variables, which are only known then. What lies between a folder or an item and its
 * end belongs to it.
 */
export type CollectionEvent =
  /** `auth` says for all requests below who asks. */
  | { readonly kind: 'begin'; readonly info: CollectionInfo; readonly auth?: WrittenAuth }
  | { readonly kind: 'folder'; readonly folder: FolderHead; readonly auth?: WrittenAuth }
  | { readonly kind: 'item'; readonly item: ItemHead }
  | {
      readonly kind: 'example';
      readonly example: Omit<Example, 'originalRequest'>;
      /** What was asked, where that is not the request of the item. */
      readonly asked?: AskedRequest;
    }
  /** Of the item or folder that began last; `script` runs after an item's request. */
  | { readonly kind: 'end'; readonly script?: readonly string[] }
  | { readonly kind: 'finish'; readonly variables: readonly Variable[] };

/** Reads a recording as a collection, one exchange at a time: no item is held with all of its examples. */
export async function* collectionEvents(
  recording: Recording,
  given: GivenOptions,
): AsyncGenerator<CollectionEvent> {
  const options: ExportOptions = { ...exportDefaults, ...given };
  const { survey, context } = await surveyed(recording, options);
  const exchanges = recording.read(survey.order)[Symbol.asyncIterator]();
  const auth = sharedAuth(survey.grouped, survey, options);
  const info = infoOf(survey, options, context.secrets);
  yield { kind: 'begin', info, ...(auth && { auth: authWritten(auth, context) }) };
  try {
    for (const step of stepsOf(survey.grouped, [], { survey, context, inherited: auth })) {
      if ('kind' in step) {
        yield step;
        continue;
      }
      const item = itemEvents(step, context);
      for (let read = 0; read < step.surveyed.count; read += 1) {
        const { value: exchange, done } = await exchanges.next();
        if (done) break;
        for (const event of await item.see(exchange)) yield event;
      }
      yield item.end();
    }
  } finally {
    await exchanges.return?.();
  }
  yield { kind: 'finish', variables: variablesOf(context) };
}

type Reading = {
  readonly survey: Survey;
  readonly context: ItemContext;
  /** What a folder around or the collection says of who asks. */
  readonly inherited: Auth | undefined;
};

/** An item that is yet to be read: the request at `index` of the survey. */
type Unread = {
  readonly surveyed: SurveyedRequest;
  readonly index: number;
  readonly inherited: Auth | undefined;
};

/** The folders as events, and between them the items that stand in them. */
function* stepsOf(
  children: readonly Grouped[],
  above: readonly string[],
  reading: Reading,
): Generator<CollectionEvent | Unread> {
  const { survey, context, inherited } = reading;
  for (const child of children) {
    if (typeof child === 'number') {
      const surveyed = survey.requests[child];
      if (surveyed !== undefined) yield { surveyed, index: child, inherited };
      continue;
    }
    const path = [...above, child.name];
    const id = context.uniqueId(contentId('folder', ...path));
    const folder = { name: context.secrets.text(child.name), id };
    const auth = inherited ? undefined : sharedAuth(child.children, survey, context.options);
    yield { kind: 'folder', folder, ...(auth && { auth: authWritten(auth, context) }) };
    yield* stepsOf(child.children, path, { ...reading, inherited: inherited ?? auth });
    yield { kind: 'end' };
  }
}

/** The events of one item, exchange by exchange: the first makes the item, each may make an example. */
function itemEvents({ surveyed, index, inherited }: Unread, context: ItemContext) {
  let collector: ReturnType<typeof exampleCollector> | undefined;
  return {
    async see(recorded: Exchange): Promise<CollectionEvent[]> {
      const exchange = askedBy(inherited, recorded);
      const events: CollectionEvent[] = [];
      if (collector === undefined) {
        const whole = await itemHead(exchange, surveyed, index, context);
        const item = inherited === undefined ? whole : withoutAuth(whole);
        collector = exampleCollector(item, surveyed, context);
        events.push({ kind: 'item', item });
      }
      const example = await collector.see(exchange);
      if (example !== undefined) events.push(example);
      return events;
    },
    end(): CollectionEvent {
      const script = collector?.script(context.chains.stores(index)) ?? [];
      return script.length === 0 ? { kind: 'end' } : { kind: 'end', script };
    },
  };
}

/** Surveys a recording and learns its secrets in one reading; variables are named when it is known which are free. */
async function surveyed(
  recording: Recording,
  options: ExportOptions,
): Promise<{ survey: Survey; context: ItemContext }> {
  let named: { readonly names: VariableNames; readonly chains: ChainVariables } | undefined;
  const { secrets: mode, redact, onSecret } = options;
  const secrets = createSecrets({
    mode,
    redact,
    onSecret,
    names: { claim: (wanted) => named?.names.claim(wanted) ?? wanted },
    variableFor: (value) => named?.chains.variableFor(value),
  });
  const { recording: learning, inPart } = learningFrom(recording, secrets);
  const survey = await surveyRecording(learning, options);
  const names = variableNames(survey.bracedNames);
  const variables = options.variables ? nameOrigins(survey.origins, names) : new Map();
  const chains = nameChains(survey.requests, names);
  named = { names, chains };
  return {
    survey,
    context: { options, variables, chains, secrets, inPart, uniqueId: uniqueIds() },
  };
}

function infoOf(survey: Survey, { name }: ExportOptions, secrets: Secrets): CollectionInfo {
  const description = collectionDescription(survey, secrets);
  return {
    _postman_id: contentId('collection', name),
    name,
    ...(description === undefined ? {} : { description }),
  };
}

/** Secrets are declared without values: to be filled in, or to come from an environment. */
function variablesOf({ variables, chains, secrets }: ItemContext): Variable[] {
  const hosts = [...variables].map(([value, key]) => ({ key, value }));
  const blanks = new Set([...chains.names, ...secrets.variables]);
  return [...hosts, ...[...blanks].map((key) => ({ key, value: '' }))];
}

/** Who asks, where it is the same in several requests and in all of them. */
function sharedAuth(
  children: readonly Grouped[],
  { requests }: Survey,
  options: ExportOptions,
): Auth | undefined {
  if (!options.sharedAuth) return undefined;
  const order = groupedOrder(children);
  const auth = requests[order[0] ?? -1]?.auth;
  // A header of Digest is good for nothing, be it the only one.
  const isEnough = order.length > 1 || auth?.type === 'digest';
  const isShared = isEnough && order.every((index) => requests[index]?.auth === auth);
  return isShared ? auth : undefined;
}

function authWritten(auth: Auth, { secrets, chains, options }: ItemContext): WrittenAuth {
  // In an environment there is a place for it.
  if (auth.type === 'digest' && secrets.active) options.onSecret?.(DIGEST_PASSWORD, '');
  return writtenAuth(auth, secrets, chains.variableFor);
}
