import { describeError } from '../errors.ts';
import { isLoopback } from '../http/loopback.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { Authority } from '../proxy/authority.ts';
import type { Notice } from '../proxy/index.ts';
import type { Log } from '../terminal/log.ts';

/** Warns when the proxy listens on an address that other machines may reach, and wants no password. */
export function warnOfOpenBind(
  { bind, proxyAuth, openProxy }: Pick<ProxyCommandOptions, 'bind' | 'proxyAuth' | 'openProxy'>,
  log: Log,
): void {
  if (isLoopback(bind) || proxyAuth !== undefined || openProxy) return;
  log.warn({ bind }, `listening on ${bind}: anyone who can reach this address can use the proxy`);
}

const dayMs = 86_400_000;

/** Warns a month ahead of the end of the certificate authority. */
export function warnOfExpiry(
  { expiresAt }: Pick<Authority, 'expiresAt'>,
  now: Date,
  log: Pick<Log, 'warn'>,
): void {
  if (expiresAt.getTime() - now.getTime() > 30 * dayMs) return;
  const day = expiresAt.toISOString().slice(0, 10);
  log.warn(
    { expiresAt: day },
    `the certificate authority expires on ${day}; replace it: pmproxy ca rotate`,
  );
}

/** Says which requests go to which server, where programs can ask servers through the proxy's own address. */
export function announceTargets(
  { target: targets }: Pick<ProxyCommandOptions, 'target'>,
  proxy: string,
  log: Log,
): void {
  for (const { prefix, url } of targets)
    log.info({ target: url }, `Requests to ${proxy}${prefix} go to ${url}`);
}

/**
 * Logs what the proxy reports and no client is answered with. Two kinds repeat with every connection and are logged once:
 * a client that does not trust pmproxy for a host, and a proxy that has no room for more connections.
 *
 * @param isTrusted the client is a browser of ours: it hangs up on connections that it does not need, and on the proxy for
 *   its makers' own hosts, which is nothing to warn of
 */
export function proxyNoticeLogger(log: Log, isTrusted: boolean): (notice: Notice) => void {
  const logged = new Set<string>();
  return ({ kind, host, error }) => {
    if (kind === 'internal')
      log.error({ err: error }, `a bug in pmproxy broke one request: ${error.message}`);
    else if ((kind === 'untrusted' && !isTrusted) || kind === 'crowded') {
      if (logged.has(host)) return;
      logged.add(host);
      if (kind === 'crowded') log.warn(`${error.message}; others are turned away. See: ulimit -n`);
      else log.warn({ host }, `a client does not trust pmproxy for ${host}; see: pmproxy ca`);
    } else
      log.debug({ host, reason: describeError(error) }, `${kind} connection to ${host} failed`);
  };
}

/**
 * Logs errors that nothing has caught, instead of ending the process: such an error costs its own exchange, not the others.
 *
 * @returns ends this
 */
export function keepServing(log: Log): () => void {
  const listener = (error: unknown) => {
    log.error({ err: error }, `a bug in pmproxy: ${describeError(error)}; going on`);
  };
  process.on('uncaughtException', listener);
  process.on('unhandledRejection', listener);
  return () => {
    process.off('uncaughtException', listener);
    process.off('unhandledRejection', listener);
  };
}
