import { usageError } from '../errors.ts';
import {
  flag,
  type OptionValues,
  offFlag,
  optional,
  readOptions,
  repeatable,
  withDefault,
} from './option.ts';
import { choice, count, oneOf, pathTemplate, text } from './values.ts';

/**
 * The options of `save` and `convert` that say what is written.
 * @param formats the ids of the formats there are, the usual one first.
 */
export function writtenOptions<const Format extends string>(
  formats: readonly [Format, ...Format[]],
) {
  return {
    output: repeatable(
      '-o, --output <path>',
      'write here; the ending chooses the format, - is standard output (repeatable)',
      text('a file name'),
      { shownDefault: '<name>.postman_collection.json, never overwriting' },
    ),
    format: optional('-f, --format <id>', choice(formats), oneOf(formats), {
      shownDefault: 'by ending',
    }),
    name: optional('--name <name>', "the collection's name", text('a name'), {
      shownDefault: "the file's name",
    }),
    append: flag(
      '--append',
      'add to the collection that is there; what somebody edited in it stays',
    ),
    path: withDefault('--path <dir>', 'folder for the default file name', text('a folder'), '.'),
    group: withDefault(
      '--group <how>',
      'folders by host and path; auto: by host where there are several, then by path',
      oneOf(['auto', 'host', 'path', 'none']),
      'auto',
    ),
    shape: withDefault(
      '--shape <what>',
      'an item for each distinct request, or one for each method and path template',
      oneOf(['requests', 'endpoints']),
      'requests',
    ),
    template: repeatable(
      '--template <pattern>',
      'a path template, such as /users/:name, where the values do not tell (repeatable)',
      pathTemplate,
    ),
    tests: flag(
      '--tests',
      'add scripts that assert what was recorded and log in again by themselves',
    ),
    noise: offFlag(
      '--no-noise',
      'leave out CORS preflights, polls without news, icons, beacons and browser housekeeping',
    ),
    dedupe: offFlag('--no-dedupe', 'keep identical requests'),
    variables: offFlag('--no-variables', 'write hosts out instead of {{baseUrl}}'),
    cookieJar: optional(
      '--cookie-jar <file>',
      'also write the cookies that were set, with their values, for newman and the Postman CLI',
      text('a file name'),
    ),
    min: withDefault('--min <n>', 'exit 3 when fewer exchanges were recorded', count, '0'),
  } as const;
}

/** What those options come to. */
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
