import type { Authority } from './authority.ts';
import { mobileProfile } from './authority-forms.ts';
import { visitorsPage } from './visitors-page.ts';

/** A small answer of pmproxy's own. */
export type Page = { readonly type: string; readonly body: string | Uint8Array };

/** What a client sees when its request could not be carried: who speaks, and why. */
export function failurePage(status: number, message: string): Page {
  return {
    type: 'text/plain; charset=utf-8',
    body: `pmproxy could not carry this request (${status}).\n\n${message.replace(/\.$/, '')}.\n`,
  };
}

/** The name by which clients of the proxy reach its page. */
export const pageHost = 'pmproxy.local';

/**
 * What the proxy serves when it is addressed itself: a page for devices, its certificate in the forms that they take, and an
 * automatic configuration. WPAD (`/wpad.dat`) is not among them: a device is to be set up by its owner.
 *
 * @param address `host:port` of the proxy, as the device reaches it
 * @returns undefined for a path that is not there
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
    // The type by which Android and iOS offer to install it.
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
