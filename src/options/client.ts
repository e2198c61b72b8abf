import { usageError } from '../errors.ts';
import { ignoringOptions } from './compared.ts';
import { DEFAULTS } from './defaults.ts';
import { type OptionValues, optional, readOptions, repeatable, withDefault } from './option.ts';
import { proxyOptions } from './proxy.ts';
import { address, oneOf, port, text } from './values.ts';

const { logLevel, logFormat, quiet } = proxyOptions;

// A shorter token cannot have 128 bits.
const token = text('a token').regex(
  /^[\w.~-]{22,}$/,
  'a token is 22 or more letters, digits and -._~, and must be hard to guess',
);

/** The options of `pmproxy client`. */
export const clientOptions = {
  port: withDefault(
    '-p, --port <n>',
    'listen on this port; 0 chooses a free one',
    port,
    String(DEFAULTS.clientPort),
  ),
  bind: withDefault(
    '--bind <address>',
    'listen on this address; any other than loopback prints a warning',
    address,
    DEFAULTS.clientHost,
  ),
  token: optional('--token <token>', 'access token for proxies and pages', token, {
    shownDefault: 'a new one each time',
  }),
  history: optional(
    '--history <folder>',
    'keep the history in this folder, and continue it next time',
    text('a folder'),
    { shownDefault: 'a temporary folder, removed at the end' },
  ),
  collections: withDefault(
    '--collections <folder>',
    'folder of the collections that calls are added to',
    text('a folder'),
    DEFAULTS.collectionsFolder,
  ),
  secrets: withDefault(
    '--secrets <how>',
    'secrets in files and exports; redact: replace them by variables; keep: keep them',
    oneOf(['redact', 'keep']),
    DEFAULTS.secrets,
  ),
  mock: repeatable(
    '--mock <recording>',
    'mark the calls that this recording answers, and those that it lacks (repeatable)',
    text('a recording'),
  ),
  check: optional(
    '--check <recording>',
    'mark the calls that differ from this recording',
    text('a recording'),
  ),
  ...ignoringOptions,
  readyFile: optional(
    '--ready-file <file>',
    'write {"pid","port","url","capture","token"} when ready; remove the file at the end',
    text('a file name'),
  ),
  logLevel,
  logFormat,
  quiet,
} as const;

/** What the options of `pmproxy client` come to. */
export type ClientOptions = OptionValues<typeof clientOptions>;

/**
 * Reads the options of `pmproxy client` from what commander collected; `quiet` is a log level of `error`.
 * @throws UserError (exit code 2) for a bad value or options that contradict each other.
 */
export function readClientOptions(given: Readonly<Record<string, unknown>>): ClientOptions {
  const options = readOptions(clientOptions, given);
  if (!options.quiet) return options;
  if (given['logLevel'] !== undefined) {
    throw usageError(
      `--quiet contradicts --log-level ${options.logLevel}: --quiet is --log-level error.`,
    );
  }
  return { ...options, logLevel: 'error' };
}
