import type { ProxyOptions } from '../options/proxy.ts';
import { createLog, type Log } from '../terminal/log.ts';
import { type Style, styleOf } from '../terminal/style.ts';

/** The log of a proxy command, as its options and its terminal have it. */
export function openLog(options: Pick<ProxyOptions, 'logLevel' | 'logFormat'>): {
  readonly log: Log;
  readonly style: Style;
} {
  const style = styleOf(process.stderr);
  const format = options.logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json');
  return { log: createLog({ level: options.logLevel, format, color: style.color }), style };
}
