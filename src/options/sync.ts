import { usageError } from '../errors.ts';
import { clientOptions, DEFAULT_CLIENT_PORT } from './client.ts';
import { flag, type OptionValues, offFlag, optional, readOptions, withDefault } from './option.ts';
import { boolean, port, text } from './values.ts';

/** The options of `save` and `sync` by which each call also goes to the ancestor's app. */
export const tcpOptions = {
  tcpConnection: withDefault(
    '--tcp-connection [true|false]',
    "also send each call to PostmanProxy's app, over a TCP connection of its own",
    boolean,
    'false',
    { preset: 'true' },
  ),
  tcpHost: withDefault('--tcp-host <host>', 'where that app is', text('a host'), '127.0.0.1'),
  tcpPort: withDefault('--tcp-port <n>', 'the port of that app', port, '5005'),
} as const;

const { history, collections } = clientOptions;

/** The options of `sync` that say where exchanges are pushed to. */
export const pushedOptions = {
  client: withDefault(
    '--client <url>',
    'the running client to push to: the address that it printed',
    text('an address'),
    `ws://127.0.0.1:${DEFAULT_CLIENT_PORT}/capture`,
  ),
  token: optional('--token <token>', 'what that client wants to be told', text('a token'), {
    shownDefault: 'the one in its address, or of the client of this account',
  }),
  embedded: {
    ...offFlag('--no-client', 'start no client when none listens there'),
    filedAs: 'embedded',
  },
  open: flag('--open', 'open the page in the browser'),
  name: optional('--name <name>', 'what the client calls this recording', text('a name'), {
    shownDefault: "the command's name",
  }),
  history: { ...history, meaning: 'where a client that was started keeps what comes' },
  collections: {
    ...collections,
    meaning: 'where the collections are that its page adds calls to',
  },
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
  if (lone) throw usageError(`--${lone} is for a client of its own and contradicts --no-client.`);
  return options;
}

/**
 * Reads where the ancestor's app is.
 * @returns undefined when nothing is sent to it
 * @throws UserError (exit code 2) for a bad value
 */
export function readTcpOptions(
  given: Readonly<Record<string, unknown>>,
): { readonly host: string; readonly port: number } | undefined {
  const { tcpConnection, tcpHost, tcpPort } = readOptions(tcpOptions, given);
  return tcpConnection ? { host: tcpHost, port: tcpPort } : undefined;
}
