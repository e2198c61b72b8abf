import type { ProxyCommandOptions } from '../options/proxy.ts';
import { networkAddresses } from '../proxy/listening.ts';
import type { Log } from '../terminal/log.ts';

/**
 * Where the proxy listens on all addresses: says the address for devices on the network, whose page has the certificate. On a
 * terminal that is wide enough, a QR code shows it as well.
 *
 * @param stderr the terminal, if it is one
 */
export async function announceOnNetwork(
  { bind, logFormat }: Pick<ProxyCommandOptions, 'bind' | 'logFormat'>,
  port: number,
  log: Pick<Log, 'info' | 'isLevelEnabled'>,
  stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr,
): Promise<void> {
  const [page, ...others] = networkAddresses(bind).map((address) => `http://${address}:${port}/`);
  if (page === undefined) return;
  const also = others.length === 0 ? '' : ` On other networks: ${others.join(', ')}`;
  log.info({ page, others }, `On the network: ${page} shows devices how to use the proxy.${also}`);
  if (!stderr.isTTY || logFormat === 'json' || !log.isLevelEnabled('info')) return;
  const { default: qrcode } = await import('qrcode');
  const { modules } = qrcode.create(page);
  if (stderr.columns < modules.size + quietModules) return;
  stderr.write(`${await qrcode.toString(page, { type: 'terminal', small: true })}\n`);
}

/** The margin on both sides together. */
const quietModules = 8;
