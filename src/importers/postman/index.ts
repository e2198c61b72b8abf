import { dirname, resolve } from 'node:path';
import { describeError, UserError } from '../../errors.ts';
import type { Input, OnFault } from '../input.ts';
import { faultIn, faultPosition } from '../json-fault.ts';
import { wholePart } from '../json-scanner.ts';
import type { Source } from '../source.ts';
import type { Call } from './call.ts';
import { exchangeOfCall } from './exchange.ts';
import { callsOfV1 } from './v1.ts';
import { callsOfV2 } from './v2.ts';
import { callsOfV3 } from './v3.ts';

/** The version of a collection file, as its keys tell it. */
export type FileVersion = 'v1' | 'v2';

/**
 * Opens a collection file: an exchange for each saved example, and for each request without one. The file is parsed as
 * a whole.
 *
 * @throws UserError when it is no JSON or too large to be
 */
export function openCollection(source: Source, version: FileVersion, onFault: OnFault): Input {
  const told = named(source.name, onFault);
  const list = version === 'v1' ? callsOfV1 : callsOfV2;
  const calls = inFile(source.name, () => list(unwrapped(parse(source, version, told)), told));
  const folders = source.folder === undefined ? [] : [source.folder];
  return callsInput(calls, source.name, folders, () => source.close());
}

/** Opens a collection v3, which is a folder of YAML. Files that it names are beside it, or in it. */
export function openCollectionFolder(folder: string, onFault: OnFault): Input {
  const calls = inFile(folder, () => callsOfV3(folder, named(folder, onFault)));
  return callsInput(calls, folder, [dirname(resolve(folder)), folder], async () => {});
}

function callsInput(
  calls: readonly Call[],
  name: string,
  folders: readonly string[],
  close: () => Promise<void>,
): Input {
  return {
    size: calls.length,
    async *read(places = calls.keys()) {
      for (const place of places) {
        const call = calls[place];
        if (call) yield inFile(name, () => exchangeOfCall(call, place + 1, folders));
      }
    },
    close,
  };
}

function parse(source: Source, version: FileVersion, onFault: OnFault): unknown {
  const text = asText(source);
  try {
    return parsedJson(text);
  } catch (cause) {
    const said = describeError(cause);
    const position = faultPosition(said) ?? text.length;
    const line = text.slice(0, position).split('\n').length;
    const whole = position > text.length - longestToken && wholeItems(source, version);
    if (!whole) throw new UserError(`line ${line}: ${faultIn(said)}.`, { cause });
    onFault(new UserError(`line ${line}: the file ends in the middle of ${whole.cutIn}.`));
    return whole.value;
  }
}

function parsedJson(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}

/** Of what the parser reads as one, and may be in the middle of: `\u00e9`. */
const longestToken = 8;

/** The items of a file that ended too early, but for the last one. */
function wholeItems(source: Source, version: FileVersion) {
  const part = wholePart(source, version === 'v1' ? 'requests' : 'item');
  if (part === undefined) return undefined;
  const text = source.read(0, part.length).toString() + part.closing;
  try {
    return { cutIn: part.cutIn, value: parsedJson(text) };
  } catch {
    return undefined;
  }
}

/** The longest string that V8 makes. */
const longestText = 2 ** 29 - 24;

function asText(source: Source): string {
  if (source.size > longestText)
    throw new UserError('a collection of more than 512 MB cannot be read.');
  return source.read(0, source.size).toString();
}

/** As Postman's interface for programs gives it: `{"collection": …}`. */
function unwrapped(value: unknown): unknown {
  const inner = (value as { collection?: unknown } | null)?.collection;
  return typeof inner === 'object' && inner !== null ? inner : value;
}

function named(name: string, onFault: OnFault): OnFault {
  return (fault) => onFault(inNamed(name, fault));
}

function inFile<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw inNamed(name, error);
    // Of the call stack.
    if (error instanceof RangeError)
      throw new UserError(`${name}: its folders are nested too deeply.`, { cause: error });
    throw error;
  }
}

function inNamed(name: string, error: UserError): UserError {
  const { message, cause, hint } = error;
  const start = `${name}: `;
  if (message.startsWith(start)) return error;
  return new UserError(start + message, { cause, ...(hint !== undefined && { hint }) });
}
