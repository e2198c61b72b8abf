import { usageError } from '../errors.ts';
import { clientOptions } from './client.ts';
import { DEFAULTS } from './defaults.ts';
import { flag, type OptionValues, offFlag, optional, readOptions, withDefault } from './option.ts';
import { boolean, port, text } from './values.ts';

/** The options of `save` and `sync` that also send each call to a PostmanProxy (2013) app. */
export const tcpOptions = {
  tcpConnection: withDefault(
    '--tcp-connection [true|false]',
    'also send each call to the PostmanProxy app, over a separate TCP connection',
    boolean,
    'false',
    { preset: 'true' },
  ),
  tcpHost: withDefault(
    '--tcp-host <host>',
    'host of the PostmanProxy app',
    text('a host'),
    DEFAULTS.appHost,
  ),
  tcpPort: withDefault(
    '--tcp-port <n>',
    'port of the PostmanProxy app',
    port,
    String(DEFAULTS.appPort),
  ),
} as const;

const { history, collections } = clientOptions;

const usualClient = `ws://${DEFAULTS.clientHost}:${DEFAULTS.clientPort}/capture`;

/** The options of `sync` that say where exchanges are pushed to. */
export const pushedOptions = {
  client: withDefault(
    '--client <url>',
    'push to the running client at this address, as the client printed it',
    text('an address'),
    usualClient,
  ),
  token: optional('--token <token>', 'access token for that client', text('a token'), {
    shownDefault: 'from the address, or from the running client of this account',
  }),
  embedded: {
    ...offFlag('--no-client', 'do not start a client if none is running'),
    filedAs: 'embedded',
  },
  open: flag('--open', 'open the page in the browser'),
  name: optional('--name <name>', 'name of this recording in the page', text('a name'), {
    shownDefault: "the command's name",
  }),
  history: { ...history, meaning: 'keep the history of a started client in this folder' },
  collections: {
    ...collections,
    meaning: 'folder of the collections that its page adds calls to',
  },
} as const;

/** The options of `save` and `mock` that also push what passes. */
export const shownOptions = {
  client: optional(
    '--client [url]',
    'also show the calls in the page of the running client at this address',
    text('an address'),
    {
      preset: usualClient,
      shownDefault: 'off; without an address, the client on this machine',
    },
  ),
  token: pushedOptions.token,
} as const;

/** Where exchanges are pushed to. */
export type PushedOptions = OptionValues<typeof pushedOptions>;

/**
 * Reads where exchanges are pushed to from what commander collected.
 * @throws UserError (exit code 2) for a bad value or options that contradict each other.
 */
export function readPushedOptions(given: Readonly<Record<string, unknown>>): PushedOptions {
  const options = readOptions(pushedOptions, given);
  if (options.embedded) return options;
  const lone = (['open', 'history', 'collections'] as const).find(
    (name) => given[name] !== undefined,
  );
  if (lone)
    throw usageError(
      `--${lone} applies to a client that sync starts, and contradicts --no-client.`,
    );
  return options;
}

/**
 * Reads where the PostmanProxy app listens.
 * @returns undefined when nothing is sent to it
 * @throws UserError (exit code 2) for a bad value
 */
export function readTcpOptions(
  given: Readonly<Record<string, unknown>>,
): { readonly host: string; readonly port: number } | undefined {
  const { tcpConnection, tcpHost, tcpPort } = readOptions(tcpOptions, given);
  return tcpConnection ? { host: tcpHost, port: tcpPort } : undefined;
}
