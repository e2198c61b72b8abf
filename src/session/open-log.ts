import type { ProxyCommandOptions } from '../options/proxy.ts';
import { createLog, type Log } from '../terminal/log.ts';
import { type Style, styleOf } from '../terminal/style.ts';

/** Opens the log of a command, in the format that its options or its terminal ask for. */
export function openLog(options: Pick<ProxyCommandOptions, 'logLevel' | 'logFormat'>): {
  readonly log: Log;
  readonly style: Style;
} {
  const style = styleOf(process.stderr);
  const format = options.logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json');
  return { log: createLog({ level: options.logLevel, format, color: style.color }), style };
}
