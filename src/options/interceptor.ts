import { DEFAULTS } from './defaults.ts';
import { flag, withDefault } from './option.ts';
import { port } from './values.ts';

/** The options of `pmproxy interceptor`. */
export const interceptorOptions = {
  port: withDefault(
    '-p, --port <n>',
    'port of the running client',
    port,
    String(DEFAULTS.clientPort),
  ),
  revoke: flag('--revoke', 'revoke every pairing: no browser can push until it is paired again'),
} as const;
