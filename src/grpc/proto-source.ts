import protobuf from 'protobufjs';
import { describeError, type UserError, usageError } from '../errors.ts';

/** A parsed .proto file with unresolved types. */
export type ProtoSource = {
  /** The name of the file in errors. */
  readonly shown: string;
  readonly text: string;
  readonly package: string;
  /** `proto2`, `proto3` or an edition such as `2023`. */
  readonly edition: string;
  readonly imports: readonly string[];
  /** The namespace of the package. */
  readonly declarations: protobuf.NamespaceBase;
  /** The options of the whole file (`features.field_presence`). */
  readonly options: Readonly<Record<string, unknown>>;
};

/**
 * Parses a .proto file with the parser of protobufjs.
 *
 * @param shown the path, for errors
 * @throws a usage error that names the file and the line
 */
export function parseProto(text: string, shown: string): ProtoSource {
  try {
    const parsed = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
    const name = parsed.package ?? '';
    const declarations = name === '' ? parsed.root : parsed.root.lookup(name);
    if (!(declarations instanceof protobuf.Namespace)) throw new Error('it has no declarations');
    return {
      shown,
      text,
      package: name,
      edition: editionOf(text),
      imports: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])],
      declarations,
      options: fileFeatures(text),
    };
  } catch (error) {
    throw parseFault(text, shown, describeError(error));
  }
}

/** The parser's message begins with the error and ends with the line, or names the duplicate. */
function parseFault(text: string, shown: string, message: string): UserError {
  const line = /\(.*?line (\d+)\)/.exec(message)?.[1];
  const fault = message.replace(/\s*\([^()]*line \d+\)/, '');
  const name = /'([\w.]+)'/.exec(fault)?.[1];
  return protoFault(shown, line === undefined ? lineOf(text, name) : Number(line), fault);
}

/** An error in a .proto file. */
export function protoFault(shown: string, line: number | undefined, fault: string): UserError {
  const place = line === undefined ? shown : `${shown}:${line}`;
  return usageError(`${place}: ${fault}.`, 'Correct the file, or leave out its --proto.');
}

/** The last line that contains a word outside of comments, where the duplicate is. */
export function lineOf(text: string, word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const lines = withoutComments(text).split('\n');
  const at = lines.findLastIndex((line) => wordIn(line, word));
  return at < 0 ? undefined : at + 1;
}

function wordIn(line: string, word: string): boolean {
  const at = line.indexOf(word);
  if (at < 0) return false;
  return !/\w/.test(line.charAt(at - 1)) && !/\w/.test(line.charAt(at + word.length));
}

/** Keeps line breaks, and skips strings, which may contain text that looks like a comment. */
function withoutComments(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found),
  );
}

/** A file without a `syntax` is proto2 (Protocol Buffers, "Language Specification"). */
function editionOf(text: string): string {
  const found = /^\s*(?:syntax|edition)\s*=\s*["']([\w.]+)["']\s*;/.exec(withoutComments(text));
  return found?.[1] ?? 'proto2';
}

/** The parser passes these only to top-level declarations, although they apply at every depth. */
function fileFeatures(text: string): Readonly<Record<string, string>> {
  const lines = withoutComments(text).matchAll(/^option\s+features\.(\w+)\s*=\s*(\w+)\s*;/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}
