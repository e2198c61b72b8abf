import { Option } from 'commander';
import { z } from 'zod';
import { usageError } from '../errors.ts';

/** One option: how it is typed, what it means, and the schema that reads what was typed. */
export type Declaration<T> = {
  /** As commander writes them: `-p, --port <n>`. */
  readonly flags: string;
  readonly meaning: string;
  /** The default in words, for the help and the documentation. */
  readonly shownDefault: string | undefined;
  readonly repeatable: boolean;
  /** The value of an option with an optional value (`[host]`) when it is given without one. */
  readonly preset?: string;
  /** The value is never shown, not even in the message that refuses it. */
  readonly isSecret?: boolean;
  /** A `--no-…` flag that sets the option to false. */
  readonly negation?: { readonly flags: string; readonly meaning: string };
  /**
   * The property name, where it differs from the one that commander derives: `--no-x` beside an `--x` of another meaning.
   */
  readonly filedAs?: string;
  /** From what commander collected (undefined, text, a list of texts or a boolean) to the value. */
  readonly schema: z.ZodType<T>;
};

/** Options by the property names that commander gives them (`maxBody` for `--max-body`). */
export type OptionTable = Readonly<Record<string, Declaration<unknown>>>;

/** The values of the options of a table. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Declaration<infer Value> ? Value : never;
};

type Extras = Pick<Declaration<unknown>, 'preset' | 'isSecret'> & {
  readonly shownDefault?: string;
};

/** An option with one value, undefined when it is not given. `item` parses its text. */
export function optional<T>(
  flags: string,
  meaning: string,
  item: z.ZodType<T, string>,
  { shownDefault, ...extras }: Extras = {},
): Declaration<T | undefined> {
  return { flags, meaning, shownDefault, repeatable: false, schema: item.optional(), ...extras };
}

/** An option with one value, which its `--no-…` flag sets to false; undefined when neither is given. */
export function negatable<T>(
  flags: string,
  meaning: string,
  item: z.ZodType<T, string>,
  negation: NonNullable<Declaration<unknown>['negation']>,
  extras: Extras = {},
): Declaration<T | false | undefined> {
  return { ...optional(flags, meaning, item, extras), negation };
}

/** An option with one value and a default, which is written as a person would type it (`10mb`). */
export function withDefault<T>(
  flags: string,
  meaning: string,
  item: z.ZodType<T, string>,
  defaultText: string,
  { shownDefault = defaultText, ...extras }: Extras = {},
): Declaration<T> {
  const schema = item.prefault(defaultText);
  return { flags, meaning, shownDefault, repeatable: false, schema, ...extras };
}

/** An option that may be given many times; its value is a new list each time it is read. */
export function repeatable<T>(
  flags: string,
  meaning: string,
  item: z.ZodType<T, string>,
  { shownDefault, ...extras }: Extras = {},
): Declaration<readonly T[]> {
  const schema = z
    .array(item)
    .optional()
    .transform((list) => list ?? []);
  return { flags, meaning, shownDefault, repeatable: true, schema, ...extras };
}

/** An option that takes a comma-separated list and may be given many times: `GET,POST`. */
export function commaList<T>(
  flags: string,
  meaning: string,
  item: z.ZodType<T, string>,
  { shownDefault, ...extras }: Extras = {},
): Declaration<readonly T[]> {
  const schema = z
    .array(z.string())
    .optional()
    .transform((lists) =>
      (lists ?? []).flatMap((list) => list.split(',')).map((part) => part.trim()),
    )
    .pipe(z.array(item));
  return { flags, meaning, shownDefault, repeatable: true, schema, ...extras };
}

/** A switch: false until it is given. */
export function flag(flags: string, meaning: string): Declaration<boolean> {
  const schema = z.boolean().prefault(false);
  return { flags, meaning, shownDefault: undefined, repeatable: false, schema };
}

/** A switch that turns something off: `--no-dedupe` makes `dedupe` false, which is otherwise true. */
export function offFlag(flags: `--no-${string}`, meaning: string): Declaration<boolean> {
  const schema = z.boolean().prefault(true);
  return { flags, meaning, shownDefault: undefined, repeatable: false, schema };
}

/** A switch that its `--no-…` turns off; undefined when neither is given. */
export function onOffFlag(
  flags: string,
  meaning: string,
  negation: NonNullable<Declaration<unknown>['negation']>,
): Declaration<boolean | undefined> {
  const schema = z.boolean().optional();
  return { flags, meaning, shownDefault: 'recordings only', repeatable: false, schema, negation };
}

/** New commander options for the declarations of a table; a command adds them with `addOption`. */
export function commanderOptions(table: OptionTable): Option[] {
  return Object.values(table).flatMap((declaration) => {
    const option = new Option(declaration.flags, described(declaration));
    if (declaration.preset !== undefined) option.preset(declaration.preset);
    if (declaration.repeatable) option.argParser(collect);
    const { filedAs } = declaration;
    if (filedAs !== undefined) option.attributeName = () => filedAs;
    const { negation } = declaration;
    if (negation === undefined) return [option];
    const opposite = new Option(negation.flags, negation.meaning);
    return exclusive(option, opposite);
  });
}

function described({ meaning, shownDefault }: Declaration<unknown>): string {
  return shownDefault === undefined ? meaning : `${meaning} (default: ${shownDefault})`;
}

// A new list each time: commander would push into the one it was given.
function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

// In commander the last of --x and --no-x wins. Giving both is a mistake that the user should know of.
function exclusive(option: Option, opposite: Option): [Option, Option] {
  const refuse = () => usageError(`${option.long} and ${opposite.long} contradict each other.`);
  option.argParser((value, previous: unknown) => {
    if (previous === false) throw refuse();
    return value;
  });
  opposite.argParser((_, previous: unknown) => {
    if (previous !== undefined) throw refuse();
    return false;
  });
  return [option, opposite];
}

/**
 * Reads what commander collected (`command.opts()`) with the schemas of a table. Names that are not in the table are
 * ignored, so several tables can read the same command line.
 * @throws UserError (exit code 2), one line: the option, the value and what to write instead.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): OptionValues<Table> {
  const values: Record<string, unknown> = {};
  for (const [name, declaration] of Object.entries(table)) {
    if (declaration.negation !== undefined && given[name] === false) {
      values[name] = false;
      continue;
    }
    const result = declaration.schema.safeParse(given[name], { reportInput: true });
    if (!result.success) throw badValue(declaration, given[name], result.error);
    values[name] = result.data;
  }
  return values as OptionValues<Table>;
}

function badValue(
  { flags, isSecret }: Declaration<unknown>,
  given: unknown,
  error: z.ZodError,
): Error {
  const long = new Option(flags).long ?? flags;
  const issue = error.issues[0];
  const value = typeof issue?.input === 'string' ? issue.input : String(given);
  if (isSecret) return usageError(`${long}: ${issue?.message ?? 'not understood'}.`);
  return usageError(`${long} ${JSON.stringify(value)}: ${issue?.message ?? 'not understood'}.`);
}
