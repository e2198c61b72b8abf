import type { Option } from 'commander';

/**
 * The arguments with dashes instead of underscores in option names, as PostmanProxy (2013) wrote them
 * (`--restricted_headers true`). Values, and everything after `--`, stay as they are.
 * @param options all options of the command, so that values are not taken for names.
 */
export function withDashes(args: readonly string[], options: readonly Option[]): string[] {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? [] : args.slice(end);
  let isValue = false;
  const renamed = own.map((argument) => {
    const name = isValue ? argument : dashed(argument);
    isValue =
      !isValue &&
      options.some(({ required, short, long }) => required && (short === name || long === name));
    return name;
  });
  return [...renamed, ...rest];
}

function dashed(argument: string): string {
  return argument.replace(/^--[^=]+/, (name) => name.replaceAll('_', '-'));
}
