import { createHash } from 'node:crypto';
import { copied } from '../../http/body-text.ts';
import { isDistinctive } from '../detect/values.ts';
import { RANKS, type Span } from '../spans.ts';
import type { VariableNames } from '../variables.ts';
import { createFinder } from './value-finder.ts';
import { writtenForms } from './written-forms.ts';

/** The secret values found so far, and their variables. */
export type KnownSecrets = {
  /** Remembers a value that was found; the most specific source names its variable. */
  learn(value: string, found: Found): void;
  /** Returns the variable name for a value; it is assigned on first use. */
  nameFor(value: string, found: Found): string;
  /** Whether exactly this value was learned. */
  has(value: string): boolean;
  /** Finds the values that are long enough to search for, in any of their forms. */
  find(text: string): Span[];
  /** Increases with every value. */
  readonly size: number;
};

/** How a value was found. */
export type Found = Pick<Span, 'wanted' | 'rank' | 'decoded'>;

type Secret = {
  wanted: string;
  rank: number;
  name: string | undefined;
  /** Whether this value or one of its forms has a named variable. */
  isNamed: boolean;
  /** The value of which this one is another form. */
  readonly of: Secret | undefined;
};

/** Values longer than this are remembered by their hash, to limit memory. */
const KEPT_LENGTH = 128;

/** Creates an empty store. */
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

  /** The first form found gets the plain name; usually it is the only form. */
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
