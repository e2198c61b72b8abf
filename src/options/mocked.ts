import { flag, withDefault } from './option.ts';
import { oneOf } from './values.ts';

/** The options of `mock` alone. */
export const mockedOptions = {
  missing: withDefault(
    '--missing <what>',
    'what to do with a request that was not recorded: refuse, forward it to its server, or record its answer',
    oneOf(['refuse', 'forward', 'record']),
    'refuse',
  ),
  timing: withDefault(
    '--timing <how>',
    'none: answer at once; recorded: take as long as the server did',
    oneOf(['none', 'recorded']),
    'none',
  ),
  once: flag('--once', 'give each recorded answer once; a request beyond that was not recorded'),
} as const;
