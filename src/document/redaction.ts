import type { Collection, CollectionEvent, Variable } from '../collection.ts';
import { textOf } from '../json/object.ts';
import { createSecrets, type Secrets } from '../secrets/secrets.ts';
import { literalParts } from '../secrets/spans.ts';
import { collectBracedNames, variableNames } from '../secrets/variables.ts';
import { treatedEvent } from './redacted-event.ts';
import type { KnownVariables } from './redacted-members.ts';

type Environment = {
  readonly values: ReadonlyMap<string, string>;
  readonly secret: ReadonlySet<string>;
};

export type DocumentSecretsOptions = {
  readonly mode: 'redact' | 'env' | 'keep';
  readonly redact?: readonly string[] | undefined;
  /** The values of variables outside the collection; `secret` names the variables marked as secret. */
  readonly environments?: readonly Environment[];
  /** Called with the secrets once they are known: before the first event of the first reading. */
  readonly onLearned?: (secrets: Pick<Secrets, 'isIn'>) => void;
  /** Called once for each secret value that was replaced. */
  readonly onSecret?: ((variable: string, value: string) => void) | undefined;
};

/**
 * The same collection with literal secrets replaced by variables, wherever they occur, also next to a variable in one
 * value; variables are not secrets. A collection variable with a secret value keeps its name and loses its value. The
 * collection is read once before its first event, so values are replaced even before the place that reveals them.
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
  /** The variables created for secrets, in order of first use. */
  readonly added: ReadonlySet<string>;
  readonly known: KnownVariables;
};

async function learn(collection: Collection, options: DocumentSecretsOptions): Promise<Learned> {
  const { mode, redact, environments = [], onSecret } = options;
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
    if (literalParts(text).length === 0) return false;
    if (type === 'secret') secrets.learning.field(`${key}_secret`, text);
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
  for (const { values, secret } of environments) {
    for (const [key, value] of values) noted({ key, value, ...(secret.has(key) && SECRET) });
  }
  const learning = { isSecret: () => false, onBlank: () => {} };
  for await (const event of collection.read()) {
    for (const variable of variablesOf(event)) noted(variable);
    treatedEvent(event, secrets.learning, learning);
    collectBracedNames(JSON.stringify(event), names);
  }
  options.onLearned?.(secrets);
  return { secrets, added, known };
}

const SECRET = { type: 'secret' } as const;

/** Whether a whole value is secret by its name or format. */
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
