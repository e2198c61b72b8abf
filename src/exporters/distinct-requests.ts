import { nameOrigins } from '../analysis/naming/origins.ts';
import type { RequestFacts, Survey, Upgraded } from '../analysis/survey/survey.ts';
import { surveyRecording } from '../analysis/survey/survey-recording.ts';
import { type Exchange, type Outcome, type Recording, responseOf } from '../exchange.ts';
import { asBuffer } from '../http/body-text.ts';
import { parseTarget } from '../http/target.ts';
import { learningFrom } from '../secrets/learned-secrets.ts';
import { redactExchange } from '../secrets/redact/recording.ts';
import { createSecrets, type Secrets } from '../secrets/secrets.ts';
import { collectBracedNames, variableNames } from '../secrets/variables.ts';
import type { ExportOptions } from './exporter.ts';

/** The requests of a recording for formats that send them again and have no place for answers. */
export type DistinctRequests = {
  readonly size: number;
  /** Variable names by origin, in the order in which the origins appeared; empty when hosts are written out. */
  readonly origins: ReadonlyMap<string, string>;
  /** The names of the secrets that stand in requests, as `{{name}}`. */
  readonly secrets: ReadonlySet<string>;
  /** Connections that left HTTP (WebSockets), which no request stands for. */
  readonly upgraded: readonly Upgraded[];
  /** Reads them in the order in which they first came: redacted, of the answer no more than its status. */
  read(): AsyncIterable<DistinctRequest>;
};

/** The first of identical exchanges, and the facts of all of them. */
export type DistinctRequest = { readonly exchange: Exchange; readonly facts: RequestFacts };

/** How a format wants its variables named; both get the usual name and give one that fits the format. */
export type Naming = {
  /** Names that the format or its programs take for themselves. */
  readonly reserved: ReadonlySet<string>;
  origin(name: string): string;
  secret(name: string): string;
};

/**
 * Finds the distinct requests of a recording, or all of them without `dedupe`. All headers count, since these formats
 * keep them all. The recording is read twice here and once by `read`.
 */
export async function distinctRequests(
  recording: Recording,
  options: ExportOptions,
  { reserved, origin, secret }: Naming,
): Promise<DistinctRequests> {
  const { dedupe, secrets: mode, redact, onSecret } = options;
  let names = variableNames([]);
  const claim = (wanted: string) => names.claim(secret(wanted));
  const secrets = createSecrets({ mode, names: { claim }, redact, onSecret });
  // One reading for both: names are given later, when it is known which are taken.
  const { recording: learning, ...learned } = learningFrom(recording, secrets);
  const survey = await surveyRecording(learning, { dedupe, restrictedHeaders: true });
  names = variableNames([...survey.bracedNames, ...reserved]);
  const originNames = { claim: (wanted: string) => names.claim(origin(wanted)) };
  const origins = options.variables ? nameOrigins(survey.origins, originNames) : new Map();
  const firsts = firstPositions(survey);
  const redacted = (exchange: Exchange) => redactExchange(exchange, secrets, learned);
  const read = () => readRequests(recording, survey, firsts, redacted);
  return {
    size: firsts.length,
    origins,
    secrets: secrets.active ? await usedSecrets(read(), secrets, reserved) : new Set(),
    upgraded: survey.upgraded.map((one) => ({ ...one, url: secrets.url(one.url) })),
    read,
  };
}

/** The positions in `order` at which a request comes for the first time. */
function firstPositions({ order, requestOf }: Survey): number[] {
  return [...order.keys()].filter((at) => requestOf[at] !== requestOf[at - 1]);
}

async function* readRequests(
  recording: Recording,
  survey: Survey,
  firsts: readonly number[],
  redacted: (exchange: Exchange) => Promise<Exchange>,
): AsyncGenerator<DistinctRequest> {
  const places = firsts.map((at) => survey.order[at] ?? 0);
  let index = 0;
  for await (const exchange of recording.read(places)) {
    const facts = survey.requests[survey.requestOf[firsts[index++] ?? 0] ?? 0] ?? NO_FACTS;
    const outcome = statusOnly(exchange.outcome);
    yield { exchange: await redacted({ ...exchange, outcome }), facts };
  }
}

const NO_FACTS: RequestFacts = { count: 1, redirected: false, withoutCookies: false };

/** What comes in answers is not written; to redact it would cost much. */
function statusOnly(outcome: Outcome): Outcome {
  const answer = responseOf(outcome);
  if (answer === undefined) return outcome;
  const { status, statusText, httpVersion } = answer;
  const bare = { status, statusText, httpVersion, headers: [] };
  return outcome.kind === 'completed'
    ? { ...outcome, response: bare }
    : { ...outcome, partial: bare };
}

/**
 * Names as they are given here. Others stood in the recording: who made a client send `{{HOME}}` must not get what the
 * environment of a script has under that name.
 */
const OURS = /^(?!npm_)[a-z_][a-z0-9_]*$/;

async function usedSecrets(
  requests: AsyncIterable<DistinctRequest>,
  secrets: Secrets,
  reserved: ReadonlySet<string>,
): Promise<Set<string>> {
  const used = new Set<string>();
  for await (const { exchange } of requests) {
    const { request } = exchange;
    // User and password are not written.
    const { path, query = '' } = parseTarget(request.url);
    collectBracedNames(`${path}?${query}`, used);
    for (const [, value] of request.headers) collectBracedNames(value, used);
    const body = request.body && asBuffer(await request.body.bytes());
    if (body?.includes('{{')) collectBracedNames(body.toString('latin1'), used);
  }
  return new Set(
    secrets.variables.filter((name) => used.has(name) && OURS.test(name) && !reserved.has(name)),
  );
}
