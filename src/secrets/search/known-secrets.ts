import { createHash } from 'node:crypto';
import { copied } from '../../http/body-text.ts';
import { isDistinctive } from '../detect/values.ts';
import { RANKS, type Span } from '../spans.ts';
import type { VariableNames } from '../variables.ts';
import { createFinder } from './value-finder.ts';
import { writtenForms } from './written-forms.ts';

/** The secret values that were met, and the variables that stand for them. */
export type KnownSecrets = {
  /** Remembers a value that was found; what tells most of what it is gives its variable the name. */
  learn(value: string, found: Found): void;
  /** The name of the variable for a value, which is given when it is needed first. */
  nameFor(value: string, found: Found): string;
  /** Whether this very value was learned. */
  has(value: string): boolean;
  /** Finds the values that are long enough to be looked for, also where they stand in another form. */
  find(text: string): Span[];
  /** Grows with every value. */
  readonly size: number;
};

/** How a value was found. */
export type Found = Pick<Span, 'wanted' | 'rank' | 'decoded'>;

type Secret = {
  wanted: string;
  rank: number;
  name: string | undefined;
  /** A variable of this value or of one of its forms has been named. */
  isNamed: boolean;
  /** The value that this one is another form of. */
  readonly of: Secret | undefined;
};

/** Values beyond this are remembered by their hash, so that memory does not grow with them. */
const KEPT_LENGTH = 128;

/** Starts with nothing known. */
export function knownSecrets(names: VariableNames): KnownSecrets {
  const secrets = new Map<string, Secret>();
  const finder = createFinder((value) => secrets.has(hashed(value)));

  function add(value: string, found: Found, of: Secret | undefined): Secret {
    const known = secrets.get(hashed(value));
    if (known !== undefined) {
      if (found.rank < known.rank && !known.isNamed) {
        known.wanted = found.wanted;
        known.rank = found.rank;
      }
      return known;
    }
    const { wanted, rank } = found;
    const secret: Secret = { wanted, rank, name: undefined, of, isNamed: false };
    secrets.set(copied(hashed(value)), secret);
    if (isDistinctive(value)) finder.add(value, of === undefined);
    return secret;
  }

  function secretOf(value: string, found: Found): Secret {
    const { decoded = value } = found;
    const known = secrets.get(hashed(decoded));
    if (known !== undefined && decoded === value && found.rank >= known.rank) return known;
    const isNew = known === undefined;
    const secret = add(decoded, found, undefined);
    if (isNew && isDistinctive(decoded)) {
      for (const form of writtenForms(decoded)) add(form, { ...found, rank: RANKS.part }, secret);
    }
    if (decoded === value) return secret;
    return add(value, { ...found, rank: RANKS.part }, secret);
  }

  /** The form that is met first has the name for itself; it is as a rule the only one. */
  function nameOf(secret: Secret): string {
    const value = secret.of ?? secret;
    if (!value.isNamed) {
      value.isNamed = true;
      return names.claim(value.wanted);
    }
    return names.claim(`${value.wanted}_${secret.of === undefined ? 'plain' : 'encoded'}`);
  }

  return {
    learn: (value, found) => void secretOf(value, found),
    nameFor(value, found) {
      const secret = secretOf(value, found);
      secret.name ??= nameOf(secret);
      return secret.name;
    },
    has: (value) => secrets.has(hashed(value)),
    find: finder.find,
    get size() {
      return secrets.size;
    },
  };
}

function hashed(value: string): string {
  return value.length <= KEPT_LENGTH ? value : createHash('sha256').update(value).digest('base64');
}
