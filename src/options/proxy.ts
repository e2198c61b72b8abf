import { z } from 'zod';
import { usageError } from '../errors.ts';
import { DEFAULTS } from './defaults.ts';
import {
  flag,
  negatable,
  type OptionValues,
  optional,
  readOptions,
  repeatable,
  withDefault,
} from './option.ts';
import { hostPattern } from './patterns.ts';
import {
  address,
  choice,
  clientCertificate,
  credentials,
  duration,
  durationText,
  oneOf,
  port,
  proxyUrl,
  targetServer,
  text,
} from './values.ts';

/** The levels of pino. `silent` turns the log off. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The options of every proxy command. */
export const proxyOptions = {
  port: optional('-p, --port <n>', 'listen on this port; 0 chooses a free one', port, {
    shownDefault: `${DEFAULTS.proxyPort}, a free one with -- command or --browser`,
  }),
  bind: withDefault(
    '--bind <address>',
    'listen on this address; any other than loopback prints a warning',
    address,
    DEFAULTS.bind,
  ),
  proxyAuth: optional(
    '--proxy-auth <user:password>',
    'clients must send this user and password',
    credentials,
    { isSecret: true },
  ),
  openProxy: flag(
    '--open-proxy',
    'with --bind: everyone who can reach the address may use the proxy; prints no warning',
  ),
  upstream: negatable(
    '--upstream <url>',
    'send requests through another proxy: http, https or socks5',
    proxyUrl,
    { flags: '--no-upstream', meaning: 'ignore the proxies in the environment' },
    { shownDefault: 'HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment' },
  ),
  insecure: repeatable(
    '--insecure [host]',
    'accept any certificate, from all servers or from matching hosts (repeatable)',
    hostPattern,
    { preset: '*', shownDefault: 'off' },
  ),
  trust: repeatable(
    '--trust <file>',
    'also trust the CA certificates in this PEM file (repeatable)',
    text('a file name'),
  ),
  clientCert: repeatable(
    '--client-cert <host=cert.pem,key.pem>',
    'client certificate for matching hosts; also host=file.pfx (repeatable)',
    clientCertificate,
  ),
  ca: optional(
    '--ca <file>',
    "certificate authority to use in place of pmproxy's own (PEM), with --ca-key",
    text('a file name'),
    { shownDefault: 'see: pmproxy ca' },
  ),
  caKey: optional('--ca-key <file>', 'private key of --ca (PEM)', text('a file name')),
  passthrough: repeatable(
    '--passthrough <host>',
    'pass traffic of matching hosts through without decrypting it (repeatable)',
    hostPattern,
  ),
  target: repeatable(
    '--target <url>',
    "send requests for the proxy's own address to this server, or /prefix=<url> those below a path (repeatable)",
    targetServer,
  ),
  timeout: withDefault(
    '--timeout <duration>',
    'abort a request when its server is silent for this long',
    duration.refine((ms) => ms > 0, 'write a duration of more than 0, such as 120s'),
    durationText(DEFAULTS.timeoutMs),
  ),
  grace: withDefault(
    '--grace <duration>',
    'when stopping, wait this long for exchanges in flight',
    duration,
    durationText(DEFAULTS.graceMs),
  ),
  linger: flag(
    '--linger',
    'when the command has ended, wait for processes that it left running in the background',
  ),
  readyFile: optional(
    '--ready-file <file>',
    'write {"pid","port","proxy","ca"} when ready; remove the file at the end',
    text('a file name'),
  ),
  browser: optional(
    '--browser [name|path]',
    'start chrome, chromium, edge, brave, firefox or the program at a path, with a new profile and through the proxy, and open the URLs after --',
    z.string(),
    { preset: '', shownDefault: 'off; without a name, the first one found' },
  ),
  browserArg: repeatable(
    '--browser-arg <arg>',
    'argument for the browser, such as --headless (repeatable)',
    text('an argument'),
  ),
  isolate: flag(
    '--isolate',
    'run the command in a network of its own, from which every connection goes through the proxy: for programs that ignore proxy variables (Linux)',
  ),
  logLevel: withDefault(
    '--log-level <level>',
    `lowest level of messages on stderr: ${choice(LOG_LEVELS)}`,
    oneOf(LOG_LEVELS),
    DEFAULTS.logLevel,
  ),
  logFormat: optional(
    '--log-format <format>',
    'format of messages on stderr: pretty or json',
    oneOf(['pretty', 'json']),
    { shownDefault: 'pretty on a terminal, json otherwise' },
  ),
  quiet: flag('-q, --quiet', 'print only errors'),
} as const;

/** The values of the options of every proxy command. Times are in milliseconds. */
export type ProxyCommandOptions = OptionValues<typeof proxyOptions>;

/**
 * Reads the options of every proxy command from what commander collected; `quiet` is a log level of
 * `error`.
 * @throws UserError (exit code 2) for a bad value or options that contradict each other.
 */
export function readProxyOptions(given: Readonly<Record<string, unknown>>): ProxyCommandOptions {
  const options = readOptions(proxyOptions, given);
  if (options.browser === undefined && options.browserArg.length > 0) {
    throw usageError(`--browser-arg ${options.browserArg[0]} needs --browser.`);
  }
  if (options.openProxy && options.proxyAuth !== undefined)
    throw usageError('--open-proxy contradicts --proxy-auth: leave one of them out.');
  if ((options.ca === undefined) !== (options.caKey === undefined))
    throw usageError(options.ca === undefined ? '--ca-key needs --ca.' : '--ca needs --ca-key.');
  const prefixes = options.target.map(({ prefix }) => prefix);
  const twice = prefixes.find((prefix, at) => prefixes.indexOf(prefix) !== at);
  if (twice !== undefined) {
    const place = twice === '' ? 'all paths' : twice;
    throw usageError(`--target: two servers for ${place}; tell them apart as in /api=https://….`);
  }
  if (!options.quiet) return options;
  if (given['logLevel'] !== undefined) {
    throw usageError(
      `--quiet contradicts --log-level ${options.logLevel}: --quiet is --log-level error.`,
    );
  }
  return { ...options, logLevel: 'error' };
}
