import { type Ecosystem, withWord } from './ecosystem.ts';

/** Bun: fetch and node:http use the variables, WebSocket does not. BUN_OPTIONS cannot contain a path with a space. */
export const bun: Ecosystem = {
  variables: (ambient, { preloadFolder }) =>
    /\s/.test(preloadFolder)
      ? {}
      : { BUN_OPTIONS: withWord(ambient['BUN_OPTIONS'], `--preload=${preloadFolder}/bun.cjs`) },
};
