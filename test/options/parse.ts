import { Command } from 'commander';
import { commanderOptions, type OptionTable } from '../../src/options/option.ts';

/** What commander collects from a command line when the options of a table are added to a command. */
export function given(table: OptionTable, ...args: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of commanderOptions(table)) command.addOption(option);
  return command.parse(args, { from: 'user' }).opts();
}
