import type { Argument, Command } from 'commander';
import { withDashes } from '../options/arguments.ts';
import { commanderOptions, type OptionTable } from '../options/option.ts';

/** One command of pmproxy: how it is declared and what it does. */
export type CommandModule = {
  /** Its help: one or two sentences. */
  readonly description: string;
  /** Command lines, one for each line of the help. */
  readonly examples?: readonly string[];
  readonly operands?: readonly Argument[];
  /** Its options, each table under its heading in the help. */
  readonly options: Readonly<Record<string, OptionTable>>;
  /** Whether `-- command args…` may follow. */
  readonly wrapsCommand: boolean;
  /**
   * Does its work.
   *
   * @returns the exit code
   * @throws UserError for what a person can mend
   */
  run(call: CommandCall): Promise<number>;
};

export type CommandCall = {
  /** What commander collected. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
  /** The command after `--` with its arguments; empty without one. */
  readonly wrapped: readonly string[];
};

/** Adds the help, operands and options of a module to its commander command. */
export function declareCommand(module: CommandModule, command: Command): void {
  const { description, examples = [], operands = [], options, wrapsCommand } = module;
  command.description(description);
  if (wrapsCommand) command.usage('[options] [-- command [args…]]');
  for (const operand of operands) command.addArgument(operand);
  for (const [heading, table] of Object.entries(options))
    for (const option of commanderOptions(table))
      command.addOption(option.helpGroup(`${heading}:`));
  if (examples.length === 0) return;
  const title = examples.length === 1 ? 'Example' : 'Examples';
  const lines = examples.map((example) => `\n  ${example}`);
  command.addHelpText('after', `\n${title}:${lines.join('')}`);
}

/** The arguments as commander is to parse them: PostmanProxy (2013) wrote option names with underscores. */
export function normaliseArguments(args: readonly string[], command: Command): readonly string[] {
  return withDashes(args, command.options);
}
