import { flag } from './option.ts';

/** The options of `convert` alone. */
export const convertedOptions = {
  lenient: flag('--lenient', 'skip what cannot be read, and report it'),
} as const;
