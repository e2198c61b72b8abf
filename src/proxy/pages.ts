import type { Authority } from './authority.ts';
import { mobileProfile } from './authority-forms.ts';
import { visitorsPage } from './visitors-page.ts';

/** A small answer from pmproxy itself. */
export type Page = { readonly type: string; readonly body: string | Uint8Array };

/** The page for a request that failed: the sender of the page, and the reason. */
export function failurePage(status: number, message: string): Page {
  return {
    type: 'text/plain; charset=utf-8',
    body: `pmproxy could not carry this request (${status}).\n\n${message.replace(/\.$/, '')}.\n`,
  };
}

/** The host name of the proxy's page for its clients. */
export const pageHost = 'pmproxy.local';

/**
 * The proxy's own pages: a page for devices, its certificate in the forms that they accept, and an automatic
 * configuration. WPAD (`/wpad.dat`) is not included: the owner of a device sets it up.
 *
 * @param address `host:port` of the proxy, as the device reaches it
 * @returns undefined for an unknown path
 */
export function ownPage(
  path: string,
  authority: Authority,
  address: string,
  userAgent = '',
): Page | undefined {
  switch (path.split('?')[0]) {
    case '/':
      return {
        type: 'text/html; charset=utf-8',
        body: visitorsPage(authority, address, userAgent),
      };
    case '/ca.pem':
      return { type: 'application/x-pem-file', body: authority.certPem };
    // Android and iOS offer to install this type.
    case '/ca.der':
    case '/ca.cer':
    case '/ca.crt':
      return { type: 'application/x-x509-ca-cert', body: authority.certDer };
    case '/ca.mobileconfig':
      return { type: 'application/x-apple-aspen-config', body: mobileProfile(authority.certPem) };
    case '/proxy.pac':
      return {
        type: 'application/x-ns-proxy-autoconfig',
        body: `function FindProxyForURL(url, host) {\n  return "PROXY ${address}";\n}\n`,
      };
    default:
      return undefined;
  }
}
