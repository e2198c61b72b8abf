import type { Collection } from '../../collection.ts';
import { describeError, UserError } from '../../errors.ts';
import { faultIn, faultPosition } from '../../json/fault.ts';
import { editJson } from '../../json/insertion.ts';
import { isObject } from '../../json/object.ts';
import { wholePart } from '../../json/scanner.ts';
import { type Environment, environmentOf } from '../environment.ts';
import type { OnFault } from '../input.ts';
import type { Source } from '../source.ts';
import { collectionOfV1 } from './v1.ts';
import { collectionOfV2, parsedEntry } from './v2.ts';
import { entryInFile } from './v2-file.ts';
import { collectionOfV3, type Listening } from './v3.ts';

/** The version of a collection file, detected from its keys. */
export type FileVersion = 'v1' | 'v2';

/**
 * Opens a collection file. Version 2 is read entry by entry; version 1 is parsed as a whole.
 *
 * @param wrapper the key of the collection, as in responses of Postman's API
 * @throws UserError if it is not JSON
 */
export function openCollection(
  source: Source,
  version: FileVersion,
  onFault: OnFault,
  wrapper?: string,
): Collection {
  const told = named(source.name, onFault);
  if (version === 'v2') return collectionOfV2(entryInFile(source, wrapper, told), told);
  return inFile(source.name, () =>
    collectionOfV1(parse(source, told), (fault) => told(withLine(source, fault))),
  );
}

/** Adds to a fault of version 1 the line where its request or folder begins. */
function withLine(source: Source, fault: UserError): UserError {
  const { message, cause } = fault;
  const [, list, index] = /^(requests|folders)\[(\d+)\]/.exec(message) ?? [];
  if (list === undefined || message.startsWith(source.name)) return fault;
  const text = asText(source);
  const found = editJson(text).find([list, Number(index)]);
  if (found === undefined) return fault;
  const line = text.slice(0, found.start).split('\n').length;
  return new UserError(`${source.name}, line ${line}: ${message}`, { cause });
}

/** Opens a collection v3, which is a folder of YAML files. */
export function openCollectionFolder(
  folder: string,
  { onFault, onLeftOut }: Listening,
): Collection {
  return collectionOfV3(folder, { onFault: named(folder, onFault), onLeftOut });
}

/** The contents of a data dump of the app. */
export type Dump = {
  readonly collections: readonly Collection[];
  readonly environments: readonly Environment[];
};

/**
 * Opens a data dump of the app: collections of version 1 or 2, environments and globals.
 *
 * @throws UserError if it is not JSON or too large to be parsed
 */
export function openDump(source: Source, onFault: OnFault): Dump {
  const told = named(source.name, onFault);
  return inFile(source.name, () => {
    const value = parse(source, told);
    const dump = isObject(value) ? value : {};
    const list = (name: string) => [dump[name] ?? []].flat();
    const environments = list('environments').map((one, at) =>
      environmentOf(isObject(one) ? one['values'] : one, `environments[${at}].values`),
    );
    const globals = environmentOf(dump['globals'], 'globals');
    return {
      collections: list('collections').map((one) =>
        isObject(one) && 'requests' in one
          ? collectionOfV1(one, told)
          : collectionOfV2(
              parsedEntry(one, (fault) => inNamed(source.name, fault)),
              told,
            ),
      ),
      environments: globals.values.size > 0 ? [globals, ...environments] : environments,
    };
  });
}

/** Opens a `postman_environment` file. @throws UserError if it is invalid */
export function openEnvironment(source: Source, onFault: OnFault): Environment {
  return inFile(source.name, () => {
    const value = parse(source, onFault);
    return environmentOf(isObject(value) ? value['values'] : undefined, 'values');
  });
}

function parse(source: Source, onFault: OnFault): unknown {
  const text = asText(source);
  try {
    return parsedJson(text);
  } catch (cause) {
    const said = describeError(cause);
    const position = faultPosition(said) ?? text.length;
    const line = text.slice(0, position).split('\n').length;
    const whole = position > text.length - longestToken && wholeRequests(source);
    const place = `${source.name}, line ${line}`;
    if (!whole) throw new UserError(`${place}: ${faultIn(said)}.`, { cause });
    onFault(new UserError(`${place}: the file ends in the middle of ${whole.cutIn}.`));
    return whole.value;
  }
}

function parsedJson(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}

/** The longest token that a file may end in: `\u00e9`. */
const longestToken = 8;

/** The requests of a truncated file, except the last one. */
function wholeRequests(source: Source) {
  const part = wholePart(source, 'requests');
  if (part === undefined) return undefined;
  const text = source.read(0, part.length).toString() + part.closing;
  try {
    return { cutIn: part.cutIn, value: parsedJson(text) };
  } catch {
    return undefined;
  }
}

/** The longest string in V8. */
const longestText = 2 ** 29 - 24;

function asText(source: Source): string {
  if (source.size > longestText)
    throw new UserError('a file of more than 512 MB of this kind cannot be read.');
  return source.read(0, source.size).toString();
}

function named(name: string, onFault: OnFault): OnFault {
  return (fault) => onFault(inNamed(name, fault));
}

function inFile<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw inNamed(name, error);
    throw error;
  }
}

function inNamed(name: string, error: UserError): UserError {
  const { message, cause, hint } = error;
  if (message.startsWith(`${name}: `) || message.startsWith(`${name}, `)) return error;
  return new UserError(`${name}: ${message}`, { cause, ...(hint !== undefined && { hint }) });
}
