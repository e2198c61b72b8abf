import type { Observer } from '../exchange.ts';
import { DEFAULTS } from '../options/defaults.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { ProxyOptions as EngineOptions } from '../proxy/index.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import type { Log } from '../terminal/log.ts';
import { clientCertificate, trustedCertificates } from './certificate-files.ts';
import { proxyNoticeLogger } from './proxy-log.ts';

/** What a command's proxy is made from. */
export type EngineSetup = {
  readonly options: ProxyCommandOptions;
  /** pmproxy's own folder. */
  readonly home: string;
  /** Whether a command or a browser is run through the proxy. */
  readonly wraps: boolean;
  /** Whether the client is a browser of ours, which trusts the proxy. */
  readonly trustsProxy: boolean;
  readonly observer?: Observer;
  readonly rewriter?: Rewriter | undefined;
  /** Answers in the servers' place. */
  readonly answering?: EngineOptions['answering'];
  /** Servers that are asked through the proxy's own address. */
  readonly targets?: EngineOptions['targets'];
  /** Addresses that no request may go to. */
  readonly reserved?: EngineOptions['reserved'];
  readonly log: Log;
};

/** The port to listen on; 0 takes a free one. */
export function portOf({ port }: Pick<ProxyCommandOptions, 'port'>, wraps: boolean): number {
  return port ?? (wraps ? 0 : DEFAULTS.proxyPort);
}

/**
 * Turns the options of a command line into those of the proxy, and reads the certificates that they name.
 *
 * @throws UserError (exit code 2) when a certificate file cannot be read or holds no certificate
 */
export async function engineOptions(setup: EngineSetup): Promise<EngineOptions> {
  const {
    options,
    home,
    wraps,
    trustsProxy,
    observer,
    rewriter,
    reserved,
    answering,
    targets,
    log,
  } = setup;
  return {
    port: portOf(options, wraps),
    bind: options.bind,
    ...(options.proxyAuth !== undefined && { proxyAuth: options.proxyAuth }),
    home,
    via: options.upstream === false ? 'none' : (options.upstream ?? 'ambient'),
    ...(options.ca !== undefined &&
      options.caKey !== undefined && { authority: { cert: options.ca, key: options.caKey } }),
    insecure: anyOf(options.insecure),
    trust: await Promise.all(options.trust.map(trustedCertificates)),
    clientCertificates: await Promise.all(options.clientCert.map(clientCertificate)),
    ...(options.passthrough.length > 0 && { passthrough: anyOf(options.passthrough) }),
    timeoutMs: options.timeout,
    ...(observer && { observer }),
    ...(rewriter && { rewriter }),
    ...(reserved && { reserved }),
    ...(answering && { answering }),
    targets: targets ?? options.target,
    onNotice: proxyNoticeLogger(log, trustsProxy),
  };
}

/** The proxy's URL as programs that we start are given it: with the user and password that it wants. */
export function clientUrl(
  proxyUrl: string,
  { proxyAuth }: Pick<ProxyCommandOptions, 'proxyAuth'>,
): string {
  if (proxyAuth === undefined) return proxyUrl;
  const [user = '', ...password] = proxyAuth.split(':');
  const named = [user, password.join(':')].map(encodeURIComponent).join(':');
  return proxyUrl.replace('://', `://${named}@`);
}

type HostTest = (hostname: string, port: number) => boolean;

function anyOf(tests: readonly HostTest[]): HostTest {
  return (hostname, port) => tests.some((test) => test(hostname, port));
}
