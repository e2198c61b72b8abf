import protobuf from 'protobufjs';
import { lineOf, type ProtoSource, protoFault } from './proto-source.ts';

/** The declaration behind a name in a .proto file. */
type SymbolKind = 'message' | 'enum' | 'group';

/** The messages and enumerations of all files, by full name. */
export type Symbols = Map<string, SymbolKind>;

/** Adds the declarations of a file. */
export function declareSymbols(
  { declarations, package: name }: ProtoSource,
  symbols: Symbols,
): void {
  declare(declarations, name, symbols);
}

function declare(parent: protobuf.NamespaceBase, scope: string, symbols: Symbols): void {
  for (const nested of parent.nestedArray) {
    const name = within(scope, nested.name);
    if (nested instanceof protobuf.Enum) symbols.set(name, 'enum');
    if (!(nested instanceof protobuf.Type)) continue;
    symbols.set(name, isGroup(nested) ? 'group' : 'message');
    declare(nested, name, symbols);
  }
}

/** The full name of a declaration in a scope. */
export function within(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

export type Resolved = { readonly name: string; readonly kind: SymbolKind };

/**
 * Looks a type up as Protocol Buffers do ("Language Guide", "Packages and Name Resolution"): in the innermost scope
 * first, then outwards; a leading dot begins at the outermost.
 *
 * @throws a usage error that names the file and the line
 */
export function resolveType(
  written: string,
  scope: string,
  source: ProtoSource,
  { symbols, missing }: { readonly symbols: Symbols; readonly missing: readonly string[] },
): Resolved {
  const found = lookUp(written, scope, symbols);
  if (found !== undefined) return found;
  const absent = missing.map((path) => `"${path}"`).join(', ');
  const imports = missing.length === 0 ? '' : ` (imports not found: ${absent})`;
  const line = lineOf(source.text, written);
  throw protoFault(source.shown, line, `unknown type "${written}"${imports}`);
}

function lookUp(written: string, scope: string, symbols: Symbols): Resolved | undefined {
  if (written.startsWith('.')) return at(written.slice(1), symbols);
  for (let around = scope; ; around = around.slice(0, Math.max(around.lastIndexOf('.'), 0))) {
    const found = at(within(around, written), symbols);
    if (found !== undefined || around === '') return found;
  }
}

function at(name: string, symbols: Symbols): Resolved | undefined {
  const kind = symbols.get(name);
  return kind && { name, kind };
}

/** The parser marks the type of a group, but its TypeScript types omit the mark. */
function isGroup(type: protobuf.Type): boolean {
  return 'group' in type && type.group === true;
}
