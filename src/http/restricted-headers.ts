/**
 * The 21 headers that a browser does not let a script set, as the ancestor listed them (FORMATS): left out of
 * collections unless asked for. Requests only; answers keep all of their headers.
 */
const RESTRICTED = new Set([
  'accept-charset',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'connection',
  'content-length',
  'content-transfer-encoding',
  'cookie',
  'cookie2',
  'date',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
]);

/** Tells whether a request header (any case) is one of the 21 or of the families `Proxy-*` and `Sec-*`. */
export function isRestrictedHeader(name: string): boolean {
  const key = name.toLowerCase();
  return RESTRICTED.has(key) || key.startsWith('proxy-') || key.startsWith('sec-');
}
