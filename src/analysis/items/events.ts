import type {
  Auth,
  Collection,
  CollectionEvent,
  CollectionHead,
  Variable,
} from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import { uniqueIds } from '../../document/unique-ids.ts';
import type { Recording } from '../../exchange.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type Analysis, analyse, isAnalysis } from '../analysis.ts';
import { DIGEST_PASSWORD, type Auth as RecordedAuth, writtenAuth } from '../auth.ts';
import { type Grouped, groupedOrder } from '../naming/grouping.ts';
import {
  type CollectionOptions,
  collectionDefaults,
  type GivenCollectionOptions,
} from '../options.ts';
import type { Survey } from '../survey/survey.ts';
import { collectionDescription } from './description.ts';
import type { ItemContext } from './item.ts';
import { itemEvents, type Unread } from './item-events.ts';
import { isSocket, socketEvents } from './sockets.ts';

/** Reads a recording as a collection, one exchange at a time: no item is held in memory with all its examples. */
export function collectionOf(recording: Recording, given: GivenCollectionOptions): Collection {
  const options: CollectionOptions = { ...collectionDefaults, ...given };
  let analysis: Promise<Analysis> | undefined;
  return {
    async *read() {
      analysis ??= analysisOf(recording, options);
      yield* collectionEvents(await analysis, options);
    },
  };
}

async function analysisOf(recording: Recording, options: CollectionOptions): Promise<Analysis> {
  if (isAnalysis(recording)) return recording;
  return analyse(recording, { ...options, withoutNoise: false, surveys: [options] });
}

async function* collectionEvents(
  recording: Analysis,
  options: CollectionOptions,
): AsyncGenerator<CollectionEvent> {
  const { survey, context } = await surveyed(recording, options);
  const places = options.calls === 'first' ? firstPlaces(survey) : survey.order;
  const exchanges = recording.read(places)[Symbol.asyncIterator]();
  const auth = sharedAuth(survey.grouped, survey, options);
  const head = headOf(survey, options, context.secrets);
  yield { kind: 'begin', head: { ...head, ...(auth && { auth: authWritten(auth, context) }) } };
  try {
    for (const step of stepsOf(survey.grouped, [], { survey, context, inherited: auth })) {
      if ('kind' in step) {
        yield step;
        continue;
      }
      const item = itemEvents(step, context);
      const count = options.calls === 'first' ? 1 : step.surveyed.count;
      for (let read = 0; read < count; read += 1) {
        const { value: exchange, done } = await exchanges.next();
        if (done) break;
        for (const event of await item.see(exchange)) yield event;
      }
      yield item.end();
    }
  } finally {
    await exchanges.return?.();
  }
  if (options.sockets) yield* socketEvents(recording, survey, context);
  yield { kind: 'finish', variables: variablesOf(context) };
}

/** The positions of the exchanges that are the first of their item. */
function firstPlaces({ order, requestOf }: Survey): number[] {
  return order.filter((_, at) => requestOf[at] !== requestOf[at - 1]);
}

type Reading = {
  readonly survey: Survey;
  readonly context: ItemContext;
  /** The authentication set by an enclosing folder or the collection. */
  readonly inherited: RecordedAuth | undefined;
};

/** The folders as events, with their items between them. */
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
    const name = context.secrets.text(child.name);
    const auth = inherited ? undefined : sharedAuth(child.children, survey, context.options);
    const said = auth && { auth: authWritten(auth, context) };
    yield { kind: 'folder', folder: { name, id, scripts: [], variables: [], ...said } };
    yield* stepsOf(child.children, path, { ...reading, inherited: inherited ?? auth });
    yield { kind: 'end' };
  }
}

/** The context that the items share, from the analysis. */
async function surveyed(
  analysis: Analysis,
  options: CollectionOptions,
): Promise<{ survey: Survey; context: ItemContext }> {
  const { survey, hosts, chains } = await analysis.survey(options);
  const { onSecret } = options;
  const { secrets, learned } = analysis.secretsFor({
    onSecret,
    variableFor: chains.variableFor,
  });
  const context = {
    options,
    variables: options.variables ? hosts : NO_HOSTS,
    chains,
    secrets,
    inPart: learned.inPart,
    isVariable: namesOf(secrets),
    uniqueId: uniqueIds(),
  };
  return { survey, context };
}

const NO_HOSTS: ReadonlyMap<string, string> = new Map();

/**
 * Names that redaction gives to secrets. Other names come from the recording: an attacker who makes a client send
 * `{{HOME}}` must not get the value that a script's environment has under that name.
 */
const SECRET_NAME = /^(?!npm_)[a-z0-9_]+$/;

function namesOf(secrets: Secrets): (name: string) => boolean {
  const names = new Set<string>();
  return (name) => {
    for (const added of secrets.variables.slice(names.size)) names.add(added);
    return names.has(name) && SECRET_NAME.test(name);
  };
}

function headOf(
  { upgraded }: Survey,
  { name, sockets }: CollectionOptions,
  secrets: Secrets,
): CollectionHead {
  const others = sockets ? upgraded.filter((one) => !isSocket(one)) : upgraded;
  const description = collectionDescription(others, secrets);
  return {
    family: 'v2',
    recorded: true,
    id: contentId('collection', name),
    name,
    scripts: [],
    variables: [],
    ...(description === undefined ? {} : { description }),
  };
}

/** Secrets are declared without values: the user fills them in, or an environment provides them. */
function variablesOf({ options, variables, chains, secrets, isVariable }: ItemContext): Variable[] {
  const hosts = [...variables].map(([value, key]) => ({ key, value }));
  const blanks = new Set([
    ...chains.names,
    ...(options.calls ? secrets.variables.filter(isVariable) : secrets.variables),
  ]);
  return [...hosts, ...[...blanks].map((key) => ({ key, value: '' }))];
}

/** The authentication, if there are several requests and all share it. */
function sharedAuth(
  children: readonly Grouped[],
  { requests }: Survey,
  options: CollectionOptions,
): RecordedAuth | undefined {
  if (!options.sharedAuth) return undefined;
  const order = groupedOrder(children);
  const auth = requests[order[0] ?? -1]?.auth;
  // A Digest header is useless even for a single request.
  const isEnough = order.length > 1 || auth?.type === 'digest';
  const isShared = isEnough && order.every((index) => requests[index]?.auth === auth);
  return isShared ? auth : undefined;
}

function authWritten(auth: RecordedAuth, { secrets, chains, options }: ItemContext): Auth {
  // An environment gets an entry for the password.
  if (auth.type === 'digest' && secrets.active) options.onSecret?.(DIGEST_PASSWORD, '');
  const { type, attributes } = writtenAuth(auth, secrets, chains.variableFor);
  return { type, attributes: attributes.map(([key, value]) => ({ key, value, type: 'string' })) };
}
