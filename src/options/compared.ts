import { z } from 'zod';
import { flag, optional, repeatable, withDefault } from './option.ts';
import { oneOf, text } from './values.ts';

const reportFormats = ['text', 'json', 'github'] as const;

/** What `diff`, `mock`, `save --check` and `client` do not compare. */
export const ignoringOptions = {
  ignore: repeatable(
    '--ignore <name>',
    'a header, parameter or JSON path ($.items[].id) that may differ',
    z.string(),
  ),
} as const;

/** The options of `save` that measure a recording against another. */
export const checkingOptions = {
  check: optional(
    '--check <recording>',
    'compare with this recording, print what differs, and exit with code 4; without -o, write no file',
    text('a recording'),
  ),
  ...ignoringOptions,
} as const;

/** The options of `diff` alone. */
export const comparedOptions = {
  format: withDefault(
    '--format <format>',
    `how findings are written: ${reportFormats.join(', ')} (annotations in a pull request)`,
    oneOf(reportFormats),
    'text',
  ),
  json: flag('--json', 'the same as --format json'),
} as const;
