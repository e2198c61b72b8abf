/**
 * The 21 headers that browsers do not let scripts set, as PostmanProxy (2013) listed them (FORMATS): left out of
 * collections by default. Applies to requests only; responses keep all headers.
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

/** Whether a request header (any case) is one of the 21 or of the families `Proxy-*` and `Sec-*`. */
export function isRestrictedHeader(name: string): boolean {
  const key = name.toLowerCase();
  return RESTRICTED.has(key) || key.startsWith('proxy-') || key.startsWith('sec-');
}
