import { type Ecosystem, withWord } from './ecosystem.ts';

/** Bun: its fetch and node:http heed the variables, its WebSocket does not. A path with a space cannot be written in BUN_OPTIONS. */
export const bun: Ecosystem = {
  variables: (ambient, { preloadFolder }) =>
    /\s/.test(preloadFolder)
      ? {}
      : { BUN_OPTIONS: withWord(ambient['BUN_OPTIONS'], `--preload=${preloadFolder}/bun.cjs`) },
};
