import { z } from 'zod';
import { usageError } from '../errors.ts';
import { MEDIA_KINDS, STATIC_KINDS } from '../http/media-type.ts';
import { DEFAULTS } from './defaults.ts';
import {
  commaList,
  type OptionValues,
  offFlag,
  readOptions,
  repeatable,
  withDefault,
} from './option.ts';
import { hostPattern, urlPattern } from './patterns.ts';
import { boolean, choice, method, oneOf, size, sizeText, statusRange, text } from './values.ts';

const responseType = z
  .string()
  .toLowerCase()
  .refine(
    (type) =>
      (MEDIA_KINDS as readonly string[]).includes(type) || /^[\w.+-]+\/[\w.+-]+$/.test(type),
    `write ${choice([...MEDIA_KINDS, 'a MIME type such as text/csv'])}`,
  );

/** A name of punctuation alone would match everywhere. */
const secretName = text('a name')
  .regex(/[\p{L}\p{N}]/u, 'write the name of a header, a field or a JSON key, such as x-session')
  .trim();

/** The options of `save` and `sync` that say what is recorded. */
export const recordedOptions = {
  url: repeatable(
    '--url <pattern>',
    'only URLs that match a glob or /regex/flags (repeatable, one must match)',
    urlPattern,
    { shownDefault: 'all' },
  ),
  notUrl: repeatable(
    '--not-url <pattern>',
    'leave out URLs that match, even if --url includes them (repeatable)',
    urlPattern,
    { shownDefault: 'none' },
  ),
  host: repeatable(
    '--host <name>',
    'only this host, or a pattern such as *.example.com (repeatable)',
    hostPattern,
    {
      shownDefault: 'all',
    },
  ),
  methods: commaList('--methods <list>', 'only these methods, such as GET,POST', method, {
    shownDefault: 'all',
  }),
  status: commaList(
    '--status <list>',
    'only responses with these status codes, such as 2xx,404,500-503',
    statusRange,
    {
      shownDefault: 'all',
    },
  ),
  type: commaList(
    '--type <list>',
    `only responses of these types: ${MEDIA_KINDS.join(', ')}, or a MIME type`,
    responseType,
    { shownDefault: 'all' },
  ),
  static: offFlag('--no-static', 'leave out images, scripts, style sheets, fonts and media'),
  maxBody: withDefault(
    '--max-body <size>',
    'truncate bodies at this size, and mark them',
    size,
    sizeText(DEFAULTS.maxBodyBytes),
  ),
  responses: offFlag('--no-responses', 'record requests without their responses'),
  restrictedHeaders: withDefault(
    '--restricted-headers [true|false]',
    'keep the 21 headers that browsers reserve, such as Host, in collections',
    boolean,
    String(DEFAULTS.restrictedHeaders),
    { preset: 'true' },
  ),
  secrets: withDefault(
    '--secrets <how>',
    'redact: replace secrets by variables; env: also write their values to an environment file; keep: keep secrets',
    oneOf(['redact', 'env', 'keep']),
    DEFAULTS.secrets,
  ),
  redact: repeatable(
    '--redact <name>',
    'also treat this header, parameter, form field or JSON key as secret (repeatable)',
    secretName,
  ),
} as const;

/** The values of those options. `maxBody` is in bytes, methods are in upper case, types in lower case. */
export type RecordedOptions = OptionValues<typeof recordedOptions>;

/**
 * Reads what is to be recorded from what commander collected.
 * @throws UserError (exit code 2) for a bad value or options that contradict each other.
 */
export function readRecordedOptions(given: Readonly<Record<string, unknown>>): RecordedOptions {
  const options = readOptions(recordedOptions, given);
  const excluded = options.type.find((type) => (STATIC_KINDS as ReadonlySet<string>).has(type));
  if (!options.static && excluded !== undefined) {
    throw usageError(`--no-static contradicts --type ${excluded}: leave out one of them.`);
  }
  if (options.secrets === 'keep' && options.redact.length > 0) {
    throw usageError(
      `--secrets keep contradicts --redact ${options.redact[0]}: leave out one of them.`,
    );
  }
  return options;
}

/** Whether the options leave anything out. */
export function isFiltering(options: RecordedOptions): boolean {
  const { url, notUrl, host, methods, status, type } = options;
  const lists = [url, notUrl, host, methods, status, type];
  return lists.some((list) => list.length > 0) || !options.static;
}
