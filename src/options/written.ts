import { usageError } from '../errors.ts';
import { DEFAULTS } from './defaults.ts';
import {
  flag,
  type OptionValues,
  offFlag,
  onOffFlag,
  optional,
  readOptions,
  repeatable,
  withDefault,
} from './option.ts';
import { choice, count, oneOf, pathTemplate, text } from './values.ts';

/**
 * The options of `save` and `convert` that say what is written.
 * @param formats the ids of all formats, the default one first.
 */
export function writtenOptions<const Format extends string>(
  formats: readonly [Format, ...Format[]],
) {
  return {
    output: repeatable(
      '-o, --output <path>',
      'output file; its ending selects the format; - is standard output (repeatable)',
      text('a file name'),
      { shownDefault: '<name>.postman_collection.json, never overwriting' },
    ),
    format: optional('-f, --format <id>', `output format: ${choice(formats)}`, oneOf(formats), {
      shownDefault: 'by ending',
    }),
    name: optional('--name <name>', 'name of the collection', text('a name'), {
      shownDefault: "the file's name",
    }),
    append: flag('--append', 'add to the existing collection, and keep what was edited in it'),
    path: withDefault(
      '--path <dir>',
      'folder for the default output file',
      text('a folder'),
      DEFAULTS.outputFolder,
    ),
    group: withDefault(
      '--group <how>',
      'group requests into folders by host or path; auto: by path, and by host if there are several',
      oneOf(['auto', 'host', 'path', 'none']),
      DEFAULTS.group,
    ),
    shape: withDefault(
      '--shape <what>',
      'requests: an item for each distinct request; endpoints: one for each method and path template',
      oneOf(['requests', 'endpoints']),
      DEFAULTS.shape,
    ),
    template: repeatable(
      '--template <pattern>',
      'path template that cannot be inferred from the values, such as /users/:name (repeatable)',
      pathTemplate,
    ),
    tests: flag(
      '--tests',
      'add scripts that check responses and pass on their values, such as tokens',
    ),
    noise: offFlag(
      '--no-noise',
      'leave out CORS preflights, repeated polls with unchanged responses, icons, beacons and browser background requests',
    ),
    dedupe: onOffFlag('--dedupe', 'fold repeated identical requests, also those of collections', {
      flags: '--no-dedupe',
      meaning: 'keep repeated identical requests',
    }),
    variables: offFlag('--no-variables', 'write host names instead of {{baseUrl}}'),
    cookieJar: optional(
      '--cookie-jar <file>',
      'also write a cookie jar, with the values of cookies, for newman and the Postman CLI',
      text('a file name'),
    ),
    min: withDefault(
      '--min <n>',
      'exit with code 3 if there are fewer exchanges',
      count,
      String(DEFAULTS.minExchanges),
    ),
  } as const;
}

/** The values of those options. */
export type WrittenOptions<Format extends string> = OptionValues<
  ReturnType<typeof writtenOptions<Format>>
>;

/**
 * Reads what is to be written from what commander collected.
 * @throws UserError (exit code 2) for a bad value or options that contradict each other.
 */
export function readWrittenOptions<const Format extends string>(
  formats: readonly [Format, ...Format[]],
  given: Readonly<Record<string, unknown>>,
): WrittenOptions<Format> {
  const options = readOptions(writtenOptions(formats), given);
  const [output] = options.output;
  if (output !== undefined && given['path'] !== undefined) {
    throw usageError(
      `--path ${options.path} is for the default file name and contradicts -o ${output}.`,
    );
  }
  return options;
}
