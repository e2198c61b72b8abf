import {
  type ObservedPath,
  observedTemplates,
} from '../../analysis/endpoints/observed-templates.ts';
import {
  type PathTemplate,
  type PathValue,
  parameterValues,
  type StatedTemplate,
} from '../../analysis/endpoints/path-templates.ts';
import { answerLook } from '../../analysis/survey/answer-look.ts';
import { type Exchange, type Recording, responseOf } from '../../exchange.ts';
import { originOf, parseTarget } from '../../http/target.ts';
import { learnSecrets } from '../../secrets/learned-secrets.ts';
import { redactExchange } from '../../secrets/redact/recording.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { METHODS, type Method } from './document.ts';
import { type OperationFacts, operationFacts } from './operation.ts';
import { type SecurityFacts, securityFacts } from './security.ts';

/** What a recording tells of the APIs that were called. */
export type ApiFacts = {
  /** In order of appearance. */
  readonly origins: ReadonlySet<string>;
  /** By path, in the order in which they first came up. */
  readonly paths: ReadonlyMap<string, PathFacts>;
  readonly security: SecurityFacts;
  /** Methods that OpenAPI has no place for. */
  readonly leftOut: ReadonlySet<string>;
};

type PathFacts = {
  /** `/users/{userId}`. */
  readonly path: string;
  readonly origins: Set<string>;
  readonly operations: Map<Method, OperationFacts>;
};

/** Reads a recording for its secrets, for the templates of its paths, and for what was said there. */
export async function gatherApi(
  recording: Recording,
  secrets: Secrets,
  stated: readonly StatedTemplate[],
): Promise<ApiFacts> {
  const learned = await learnSecrets(recording, secrets);
  const templates = await templatesByOrigin(recording, secrets, stated);
  const paths = new Map<string, PathFacts>();
  const security = securityFacts();
  const leftOut = new Set<string>();
  for await (const exchange of recording.read()) {
    if (!isCall(exchange)) continue;
    const method = METHODS.find((one) => one === exchange.request.method.toLowerCase());
    if (method === undefined) {
      leftOut.add(exchange.request.method);
      continue;
    }
    const redacted = await redactExchange(exchange, secrets, learned);
    const { origin, path } = placeOf(redacted.request.url);
    const template = templates.get(origin)?.get(path);
    if (template === undefined) continue;
    const facts = pathFacts(paths, template);
    facts.origins.add(origin);
    const operation = facts.operations.get(method) ?? operationFacts(security);
    facts.operations.set(method, operation);
    await operation.see(exchange, renamed(parameterValues(template, path), facts.path), redacted);
  }
  return { origins: new Set(templates.keys()), paths, security, leftOut };
}

/** A connection that left HTTP is no call. */
function isCall(exchange: Exchange): boolean {
  return exchange.webSocket === undefined && responseOf(exchange.outcome)?.status !== 101;
}

function placeOf(url: string): { readonly origin: string; readonly path: string } {
  const target = parseTarget(url);
  const path = target.path.startsWith('/') ? target.path : '/';
  return { origin: originOf(target), path };
}

async function templatesByOrigin(
  recording: Recording,
  secrets: Secrets,
  stated: readonly StatedTemplate[],
): Promise<Map<string, ReadonlyMap<string, PathTemplate>>> {
  const observed = new Map<string, Map<string, ObservedPath>>();
  for await (const exchange of recording.read()) {
    if (!isCall(exchange)) continue;
    const { origin, path } = placeOf(secrets.url(exchange.request.url));
    const paths = observed.get(origin) ?? new Map<string, ObservedPath>();
    observed.set(origin, paths);
    if (paths.get(path)?.shape === undefined) {
      paths.set(path, { path, shape: await answerLook(exchange) });
    }
  }
  return new Map(
    [...observed].map(([origin, paths]) => [origin, observedTemplates(paths.values(), stated)]),
  );
}

/** Two paths that differ in the names of their parameters only are one (OpenAPI 3.1.1, 4.8.8.1): the first names it. */
function pathFacts(paths: Map<string, PathFacts>, template: PathTemplate): PathFacts {
  const segments = template.path.split('/').slice(1);
  const names = new Map(template.parameters.map(({ index, name }) => [index, name]));
  const write = (name: (name: string) => string) =>
    `/${segments
      .map((segment, index) => {
        const parameter = names.get(index);
        return parameter === undefined ? escaped(segment) : name(parameter);
      })
      .join('/')}`;
  const key = write(() => '{}');
  const known = paths.get(key);
  if (known !== undefined) return known;
  const made = {
    path: write((name) => `{${name}}`),
    origins: new Set<string>(),
    operations: new Map(),
  };
  paths.set(key, made);
  return made;
}

/** Braces would be parameters, `?` and `#` end a path; what is no ASCII cannot stand in one (RFC 3986, 2). */
function escaped(segment: string): string {
  return segment.replace(/[{}?#]|[^\x21-\x7e]/gu, (character) =>
    [...Buffer.from(character, character > '\xff' ? 'utf8' : 'latin1')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

function renamed(values: readonly PathValue[], path: string): PathValue[] {
  const segments = path.split('/').slice(1);
  return values.map((parameter) => ({
    ...parameter,
    name: segments[parameter.index]?.slice(1, -1) ?? parameter.name,
  }));
}
