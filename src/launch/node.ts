import { type Ecosystem, withWord } from './ecosystem.ts';

/** Node: a file that each program loads first. If NODE_OPTIONS is overwritten, newer versions still use the proxy. */
export const node: Ecosystem = {
  variables: (ambient, { preloadFolder, spkiFingerprint }) => ({
    NODE_OPTIONS: withWord(
      ambient['NODE_OPTIONS'],
      `--require ${nodeOption(`${preloadFolder}/node.cjs`)}`,
    ),
    NODE_USE_ENV_PROXY: '1',
    // For the browsers that a program starts.
    PMPROXY_SPKI: spkiFingerprint,
    // A recording of `npm test` should contain the tests' traffic, not npm's update check.
    npm_config_update_notifier: 'false',
    NO_UPDATE_NOTIFIER: '1',
  }),
};

/**
 * A value for NODE_OPTIONS, which are split at spaces: in double quotes where it needs them, within
 * which a backslash escapes (Node's command-line documentation, NODE_OPTIONS).
 */
export function nodeOption(value: string): string {
  return /[\s"]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
