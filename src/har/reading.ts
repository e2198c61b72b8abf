import { UserError } from '../errors.ts';
import { typeFault } from '../json/fault.ts';
import { isObject } from '../json/object.ts';

// Every entry of a HAR file is read twice or more; these readers take a third of the time that zod takes.

/** Reads a parsed JSON value: returns it as a `T`, or its first fault. */
export type Reader<T> = (value: unknown) => T | Fault;

/** What a reader returns. */
export type Read<R> = R extends Reader<infer T> ? T : never;

/** What is wrong with a value, and where: `.request.url` is missing. */
class Fault {
  readonly text: string;
  readonly place: string;

  constructor(text: string, place = '') {
    this.text = text;
    this.place = place;
  }

  within(step: string): Fault {
    return new Fault(this.text, step + this.place);
  }
}

/**
 * Reads a part of a JSON document.
 *
 * @param path its location, for the message
 * @throws UserError that names the first missing or invalid member
 */
export function readAs<T>(reader: Reader<T>, value: unknown, path: string): T {
  const read = reader(value);
  if (read instanceof Fault) throw new UserError(`${path}${read.place} ${read.text}.`);
  return read;
}

/** Reads an object's members in this order. Members without a value, and other members, are left out. */
export function members<S extends Readonly<Record<string, Reader<unknown>>>>(
  shape: S,
): Reader<Members<S>> {
  const readers = Object.entries(shape);
  return (value) => {
    if (!isObject(value)) return wrongType('object', value);
    const read: Record<string, unknown> = {};
    for (const [name, reader] of readers) {
      const member = reader(value[name]);
      if (member instanceof Fault) return member.within(`.${name}`);
      if (member !== undefined) read[name] = member;
    }
    return read as Members<S>;
  };
}

type Members<S> = {
  -readonly [K in keyof S as undefined extends Read<S[K]> ? never : K]: Read<S[K]>;
} & {
  -readonly [K in keyof S as undefined extends Read<S[K]> ? K : never]?: Exclude<
    Read<S[K]>,
    undefined
  >;
};

/** Reads a list whose elements are alike. */
export function listOf<T>(element: Reader<T>): Reader<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return wrongType('array', value);
    const list: T[] = [];
    for (const one of value) {
      const read = element(one);
      if (read instanceof Fault) return read.within(`[${list.length}]`);
      list.push(read);
    }
    return list;
  };
}

/** Any value; checked where it is used. */
export const anything: Reader<unknown> = (value) => value;

export const text: Reader<string> = (value) =>
  typeof value === 'string' ? value : wrongType('string', value);

export const number: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : wrongType('number', value);

export const boolean: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? value : wrongType('boolean', value);

/** A text that passes a test. */
export function textThat(test: (text: string) => string | undefined): Reader<string> {
  return (value) => {
    if (typeof value !== 'string') return wrongType('string', value);
    const fault = test(value);
    return fault === undefined ? value : new Fault(fault);
  };
}

/** One of these words. */
export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  const expected = words.map((word) => `"${word}"`).join('|');
  return (value) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    if (value === undefined) return MISSING;
    return new Fault(`Invalid option: expected one of ${expected}`);
  };
}

/** A value that may be absent. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value) => (value === undefined ? undefined : reader(value));
}

/** A value that may be absent or null. */
export function nullish<T>(reader: Reader<T>): Reader<T | null | undefined> {
  return (value) => (value === undefined || value === null ? value : reader(value));
}

/** Another value in place of an absent or invalid one. */
export function orElse<T, F>(reader: Reader<T>, other: F): Reader<T | F> {
  return (value) => {
    if (value === undefined) return other;
    const read = reader(value);
    return read instanceof Fault ? other : read;
  };
}

/** The first of two readers that can read the value. */
export function either<A, B>(first: Reader<A>, second: Reader<B>): Reader<A | B> {
  return (value) => {
    const read = first(value);
    return read instanceof Fault ? second(value) : read;
  };
}

/** Converts what a reader has read. */
export function mapped<T, U>(reader: Reader<T>, convert: (read: T) => U): Reader<U> {
  return (value) => {
    const read = reader(value);
    return read instanceof Fault ? read : convert(read);
  };
}

const MISSING = new Fault('is missing');

function wrongType(wanted: string, value: unknown): Fault {
  return value === undefined ? MISSING : new Fault(typeFault(wanted, typeOf(value)));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'Infinity';
  return Array.isArray(value) ? 'array' : typeof value;
}
