import { contentTypeOf } from '../collection/content-type.ts';
import { createSecrets, type Secrets } from '../collection/secrets.ts';
import { hasVariable } from '../collection/spans.ts';
import { collectBracedNames, variableNames } from '../collection/variables.ts';
import type {
  Auth,
  Collection,
  CollectionEvent,
  Description,
  Example,
  FormField,
  ItemBody,
  ItemRequest,
  Members,
  Parameter,
  Script,
  UrlParts,
  Variable,
} from '../collection.ts';
import { textOf } from '../json/object.ts';
import { pairOf, pairText } from './url.ts';

export type DocumentSecretsOptions = {
  readonly mode: 'redact' | 'env' | 'keep';
  readonly redact?: readonly string[] | undefined;
  /** Told once for each secret value that was replaced. */
  readonly onSecret?: ((variable: string, value: string) => void) | undefined;
};

/** What replaces secrets, or only takes note of them. */
type Treatment = Pick<Secrets, 'header' | 'userinfo' | 'url' | 'query' | 'json' | 'field' | 'text'>;

/**
 * The same collection with variables in the place of literal secrets, wherever they stand; variables themselves are no
 * secrets. A variable of the collection whose value is a secret keeps its name and loses its value. The collection is
 * read once before its first event, so that a value is replaced also where it stands before it is told what it is.
 */
export function redactedCollection(
  collection: Collection,
  options: DocumentSecretsOptions,
): Collection {
  if (options.mode === 'keep') return collection;
  let learned: Promise<Learned> | undefined;
  return {
    async *read() {
      learned ??= learn(collection, options);
      const { secrets, added, known } = await learned;
      for await (const event of collection.read()) {
        const treated = treatedEvent(event, secrets, known);
        if (event.kind !== 'finish') yield treated;
        else {
          const blanks = [...added].map((key): Variable => ({ key, value: '' }));
          yield { kind: 'finish', variables: [...(event.variables ?? []), ...blanks] };
        }
      }
    },
  };
}

type Learned = {
  readonly secrets: Secrets;
  /** The variables that were made for secrets, in the order in which they were needed. */
  readonly added: ReadonlySet<string>;
  readonly known: KnownVariables;
};

/** Variables of the collection whose values are secret. */
type KnownVariables = {
  /** Whether this value of this variable is a secret. */
  isSecret(variable: Variable): boolean;
  /** Told when its value is left out. */
  onBlank(variable: Variable): void;
};

async function learn(collection: Collection, options: DocumentSecretsOptions): Promise<Learned> {
  const { mode, redact, onSecret } = options;
  const added = new Set<string>();
  const names = new Set<string>();
  const byValue = new Map<string, string>();
  let claimed: ReturnType<typeof variableNames> | undefined;
  const secrets = createSecrets({
    mode,
    redact,
    written: true,
    names: {
      claim(wanted) {
        claimed ??= variableNames(names);
        return claimed.claim(wanted);
      },
    },
    variableFor: (value) => byValue.get(value),
    onSecret(variable, value) {
      added.add(variable);
      onSecret?.(variable, value);
    },
  });
  const isSecret = ({ key, value, type }: Variable) => {
    const text = textOf(value);
    if (text === '' || text.includes('{{')) return false;
    return type === 'secret' || isWholeSecret(secrets.learning, key, text);
  };
  const noted = (variable: Variable) => {
    names.add(variable.key);
    if (isSecret(variable)) byValue.set(textOf(variable.value), variable.key);
  };
  const told = new Set<string>();
  const known: KnownVariables = {
    isSecret,
    onBlank({ key, value }) {
      if (!told.has(key)) onSecret?.(key, textOf(value));
      told.add(key);
    },
  };
  const learning = { isSecret: () => false, onBlank: () => {} };
  for await (const event of collection.read()) {
    for (const variable of variablesOf(event)) noted(variable);
    treatedEvent(event, secrets.learning, learning);
    collectBracedNames(JSON.stringify(event), names);
  }
  return { secrets, added, known };
}

/** Whether all of a value is a secret by its name or its look. */
function isWholeSecret(learning: Secrets['learning'], name: string, value: string): boolean {
  learning.field(name, value);
  const [span] = learning.last.spans;
  return span !== undefined && span.start === 0 && span.end === value.length;
}

function variablesOf(event: CollectionEvent): readonly Variable[] {
  switch (event.kind) {
    case 'begin':
      return event.head.variables;
    case 'folder':
      return event.folder.variables;
    case 'item':
      return event.item.variables;
    case 'finish':
      return event.variables ?? [];
    default:
      return [];
  }
}

function treatedEvent(
  event: CollectionEvent,
  secrets: Treatment,
  known: KnownVariables,
): CollectionEvent {
  switch (event.kind) {
    case 'begin':
      return { kind: 'begin', head: treatedOwner(event.head, secrets, known) };
    case 'folder':
      return { kind: 'folder', folder: treatedOwner(event.folder, secrets, known) };
    case 'item': {
      const { item } = event;
      const request = treatedRequest(item.request, secrets, known);
      return { kind: 'item', item: { ...treatedOwner(item, secrets, known), request } };
    }
    case 'example':
      return { kind: 'example', example: treatedExample(event.example, secrets, known) };
    case 'end':
      if (event.scripts === undefined) return event;
      return {
        kind: 'end',
        scripts: event.scripts.map((script) => treatedScript(script, secrets)),
      };
    case 'finish':
      return event;
  }
}

type Owner = {
  readonly name: string;
  readonly description?: Description;
  readonly auth?: Auth;
  readonly scripts: readonly Script[];
  readonly variables: readonly Variable[];
  readonly extra?: Members;
};

function treatedOwner<T extends Owner>(owner: T, secrets: Treatment, known: KnownVariables): T {
  return {
    ...owner,
    ...described(owner, secrets),
    name: secrets.text(owner.name),
    ...(owner.auth && { auth: treatedAuth(owner.auth, secrets) }),
    scripts: owner.scripts.map((script) => treatedScript(script, secrets)),
    variables: owner.variables.map((variable) => treatedVariable(variable, secrets, known)),
    ...extraTreated(owner, secrets),
  };
}

function described(
  { description }: { readonly description?: Description },
  secrets: Treatment,
): { description?: Description } {
  if (description === undefined) return {};
  if (typeof description === 'string') return { description: secrets.text(description) };
  return { description: { ...description, content: secrets.text(description.content) } };
}

function extraTreated(
  { extra }: { readonly extra?: Members },
  secrets: Treatment,
): { extra?: Members } {
  return extra === undefined ? {} : { extra: treatedMembers(extra, secrets) as Members };
}

function treatedMembers(value: unknown, secrets: Treatment, name = ''): unknown {
  if (typeof value === 'string') return secrets.field(name, value);
  if (Array.isArray(value)) return value.map((one) => treatedMembers(one, secrets, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, treatedMembers(member, secrets, key)]),
  );
}

function treatedScript(script: Script, secrets: Treatment): Script {
  return {
    ...script,
    code: secrets.text(script.code, 'text/javascript'),
    ...extraTreated(script, secrets),
  };
}

function treatedVariable(variable: Variable, secrets: Treatment, known: KnownVariables): Variable {
  if (known.isSecret(variable)) {
    known.onBlank(variable);
    return { ...variable, ...described(variable, secrets), value: '' };
  }
  const { key, value } = variable;
  return {
    ...variable,
    ...described(variable, secrets),
    value:
      typeof value === 'string' ? secrets.field(key, value) : treatedMembers(value, secrets, key),
  };
}

/** Attributes go by their names; of an API key its own name says what it is. */
function treatedAuth(auth: Auth, secrets: Treatment): Auth {
  const { type, attributes } = auth;
  const header = type === 'apikey' ? attributes.find(({ key }) => key === 'key')?.value : undefined;
  const treated = (key: string, value: string): string => {
    if (value.trim() === '' || hasVariable(value)) return value;
    if (type === 'bearer' && key === 'token')
      return secrets.header(['Authorization', `Bearer ${value}`])[1].slice('Bearer '.length);
    if (type !== 'apikey') return secrets.field(key, value);
    return key === 'value' ? secrets.field(apiKeyName(textOf(header)), value) : value;
  };
  return {
    ...auth,
    attributes: attributes.map((attribute) => {
      const { key, value } = attribute;
      if (typeof value === 'string') return { ...attribute, value: treated(key, value) };
      return { ...attribute, value: treatedMembers(value, secrets, key) };
    }),
    ...extraTreated(auth, secrets),
  };
}

/** Whatever the key is called, its value is one. */
function apiKeyName(name: string): string {
  return /key|token|secret|auth/i.test(name) ? name : 'api_key';
}

function treatedRequest(
  request: ItemRequest,
  secrets: Treatment,
  known: KnownVariables,
): ItemRequest {
  const { url, headers, body, auth } = request;
  const lines = headers.map(({ key, value }) => [key ?? '', value ?? ''] as const);
  const type = contentTypeOf(lines)?.essence;
  return {
    ...request,
    ...described(request, secrets),
    url: {
      raw: secrets.url(url.raw),
      ...(url.parts && { parts: treatedParts(url.parts, secrets, known) }),
    },
    headers: headers.map((header) => treatedHeader(header, secrets)),
    ...(body && { body: treatedBody(body, type, secrets) }),
    ...(auth && { auth: treatedAuth(auth, secrets) }),
    ...extraTreated(request, secrets),
  };
}

function treatedParts(parts: UrlParts, secrets: Treatment, known: KnownVariables): UrlParts {
  const { auth, path, query, variables, hash } = parts;
  return {
    ...parts,
    ...(auth && { auth: treatedUser(auth, secrets) }),
    ...(path && { path: path.map((segment) => secrets.text(segment)) }),
    ...(query && { query: treatedQuery(query, secrets) }),
    ...(variables && {
      variables: variables.map((variable) => treatedVariable(variable, secrets, known)),
    }),
    ...(hash === undefined ? {} : { hash: secrets.text(hash) }),
    ...extraTreated(parts, secrets),
  };
}

function treatedUser(auth: Members, secrets: Treatment): Members {
  const { user, password } = auth as { user?: unknown; password?: unknown };
  if (typeof password !== 'string') return treatedMembers(auth, secrets) as Members;
  const pair = secrets.userinfo(`${textOf(user)}:${password}`);
  return { ...auth, password: pair.slice(textOf(user).length + 1) };
}

/** All together, because one parameter may tell what another is. */
function treatedQuery(query: readonly Parameter[], secrets: Treatment): Parameter[] {
  const texts = query.map(pairText);
  const written = secrets.query(texts.join('&')).split('&');
  // A value that holds an ampersand is looked at alone.
  const isApart = written.length === texts.length;
  return query.map((parameter, at) => {
    if (parameter.value === null) return { ...parameter, ...described(parameter, secrets) };
    const pair = isApart ? (written[at] ?? '') : secrets.query(texts[at] ?? '');
    const { value } = pair === texts[at] ? parameter : pairOf(pair);
    return {
      ...parameter,
      ...described(parameter, secrets),
      value,
      ...extraTreated(parameter, secrets),
    };
  });
}

function treatedHeader(header: Parameter, secrets: Treatment): Parameter {
  const { key, value } = header;
  return {
    ...header,
    ...described(header, secrets),
    value: value === null ? null : secrets.header([key ?? '', value])[1],
    ...extraTreated(header, secrets),
  };
}

const LANGUAGE_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  javascript: 'application/javascript',
};

function treatedBody(body: ItemBody, type: string | undefined, secrets: Treatment): ItemBody {
  const rest = extraTreated(body, secrets);
  switch (body.mode) {
    case 'raw': {
      const essence = type ?? LANGUAGE_TYPES[body.language ?? ''];
      return { ...body, text: secrets.text(body.text, essence), ...rest };
    }
    case 'urlencoded':
      return { ...body, fields: treatedFields(body.fields, secrets), ...rest };
    case 'formdata':
      return { ...body, fields: treatedFields<FormField>(body.fields, secrets), ...rest };
    case 'graphql': {
      const { query, variables } = body;
      return {
        ...body,
        query: secrets.text(query),
        ...(variables === undefined ? {} : { variables: secrets.json(variables) }),
        ...rest,
      };
    }
    default:
      return { ...body, ...rest };
  }
}

function treatedFields<T extends Parameter>(fields: readonly T[], secrets: Treatment): T[] {
  const names = fields.map(({ key }) => key ?? '');
  return fields.map((field) => ({
    ...field,
    ...described(field, secrets),
    value: field.value === null ? null : secrets.field(field.key ?? '', field.value, names),
    ...extraTreated(field, secrets),
  }));
}

function treatedExample(example: Example, secrets: Treatment, known: KnownVariables): Example {
  const { request, headers, body, cookies } = example;
  const lines = headers.map(({ key, value }) => [key ?? '', value ?? ''] as const);
  const essence = contentTypeOf(lines)?.essence ?? LANGUAGE_TYPES[example.language ?? ''];
  return {
    ...example,
    name: secrets.text(example.name),
    ...(request && { request: treatedRequest(request, secrets, known) }),
    headers: headers.map((header) => treatedHeader(header, secrets)),
    ...(typeof body === 'string' ? { body: secrets.text(body, essence) } : {}),
    ...(cookies && { cookies: cookies.map((cookie) => treatedCookie(cookie, secrets)) }),
    ...extraTreated(example, secrets),
  };
}

function treatedCookie(cookie: unknown, secrets: Treatment): unknown {
  if (typeof cookie !== 'object' || cookie === null) return cookie;
  const { name, key, value } = cookie as { name?: unknown; key?: unknown; value?: unknown };
  if (typeof value !== 'string') return cookie;
  const start = `${textOf(name ?? key)}=`;
  const [, line] = secrets.header(['Cookie', start + value]);
  return { ...cookie, value: line.slice(start.length) };
}
