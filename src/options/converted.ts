import { flag } from './option.ts';

/** The options of `convert` alone. */
export const convertedOptions = {
  lenient: flag('--lenient', 'convert what can be read, and say what was left out'),
} as const;
