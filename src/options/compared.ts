import { z } from 'zod';
import { flag, repeatable, withDefault } from './option.ts';
import { oneOf } from './values.ts';

const reportFormats = ['text', 'json', 'github'] as const;

/** What `diff`, `mock` and `save --check` hear nothing of. */
export const ignoringOptions = {
  ignore: repeatable(
    '--ignore <name>',
    'a header, parameter or JSON path ($.items[].id) that may differ',
    z.string(),
  ),
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
