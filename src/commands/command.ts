import type { Command, Option } from 'commander';
import { commanderOptions, type OptionTable } from '../options/option.ts';

/** One command of pmproxy: how it is declared and what it does. */
export type CommandModule = {
  /** Whether `-- command args…` may follow. */
  readonly wrapsCommand: boolean;
  /** Adds its options and operands. */
  declare(command: Command): void;
  /** Rewrites its arguments before they are parsed. */
  normalise?(args: readonly string[], command: Command): readonly string[];
  /**
   * Does its work.
   * @returns the exit code
   * @throws UserError for what a person can mend
   */
  run(call: CommandCall): Promise<number>;
};

export type CommandCall = {
  /** What commander collected. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
  /** The command behind `--` with its arguments; empty without one. */
  readonly wrapped: readonly string[];
};

/** The options of these tables, each under its heading in the help. */
export function groupedOptions(tables: Readonly<Record<string, OptionTable>>): Option[] {
  return Object.entries(tables).flatMap(([heading, table]) =>
    commanderOptions(table).map((option) => option.helpGroup(`${heading}:`)),
  );
}
