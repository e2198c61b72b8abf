import { z } from 'zod';
import { usageError } from '../errors.ts';
import { MEDIA_KINDS, STATIC_KINDS } from '../media-type.ts';
import {
  commaList,
  type OptionValues,
  offFlag,
  readOptions,
  repeatable,
  withDefault,
} from './option.ts';
import { hostPattern, urlPattern } from './patterns.ts';
import { boolean, choice, method, oneOf, size, statusRange, text } from './values.ts';

const responseType = z
  .string()
  .toLowerCase()
  .refine(
    (type) =>
      (MEDIA_KINDS as readonly string[]).includes(type) || /^[\w.+-]+\/[\w.+-]+$/.test(type),
    `write ${choice([...MEDIA_KINDS, 'a MIME type such as text/csv'])}`,
  );

/** Of marks alone no header, field or key is called; it would be found everywhere. */
const secretName = text('a name')
  .regex(/[\p{L}\p{N}]/u, 'write the name of a header, a field or a JSON key, such as x-session')
  .trim();

/** The options of `save` and `sync` that say what is recorded. */
export const recordedOptions = {
  url: repeatable(
    '--url <pattern>',
    'record only these URLs: a glob or a /regex/flags (repeatable, any may match)',
    urlPattern,
    { shownDefault: 'all' },
  ),
  notUrl: repeatable(
    '--not-url <pattern>',
    'do not record these URLs (repeatable, wins over --url)',
    urlPattern,
    { shownDefault: 'none' },
  ),
  host: repeatable('--host <name>', 'only this host, or *.example.com (repeatable)', hostPattern, {
    shownDefault: 'all',
  }),
  methods: commaList('--methods <list>', 'only these methods: GET,POST', method, {
    shownDefault: 'all',
  }),
  status: commaList('--status <list>', 'only these answers: 2xx,404,500-503', statusRange, {
    shownDefault: 'all',
  }),
  type: commaList(
    '--type <list>',
    `only these response kinds: ${MEDIA_KINDS.join(', ')}, or a MIME type`,
    responseType,
    { shownDefault: 'all' },
  ),
  static: offFlag('--no-static', 'leave out images, scripts, style sheets, fonts and media'),
  maxBody: withDefault(
    '--max-body <size>',
    'keep at most this much of each body; what was cut is marked',
    size,
    '10mb',
  ),
  responses: offFlag('--no-responses', 'record requests only'),
  restrictedHeaders: withDefault(
    '--restricted-headers [true|false]',
    'keep the 21 restricted headers in collections',
    boolean,
    'false',
    { preset: 'true' },
  ),
  secrets: withDefault(
    '--secrets <how>',
    'redact: variables instead of values; env: values to an environment file; keep: leave them',
    oneOf(['redact', 'env', 'keep']),
    'redact',
  ),
  redact: repeatable(
    '--redact <name>',
    'one more header, query, form or JSON key to treat as secret (repeatable)',
    secretName,
  ),
} as const;

/** What those options come to. `maxBody` is in bytes; methods are capitals, types lower case. */
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
