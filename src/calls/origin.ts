import { originOf, parseTarget } from '../http/target.ts';

/** The origin of a URL, without a default port (RFC 9110, 4.2.1 and 4.2.2). */
export function originAt(url: string): string {
  const { port, ...target } = parseTarget(url);
  const isUsual = port === undefined || port === '' || port === USUAL[target.protocol];
  return originOf(isUsual ? target : { ...target, port });
}

const USUAL: Readonly<Record<string, string>> = { http: '80', https: '443' };
