import type { Authority } from './authority.ts';
import { mobileProfile } from './authority-forms.ts';
import { visitorsPage } from './visitors-page.ts';

/** A small answer from pmproxy itself. */
export type Page = { readonly type: string; readonly body: string | Uint8Array };

/** The page for a request that failed: the sender of the page, and the reason. */
export function failurePage(status: number, message: string): Page {
  return {
    type: 'text/plain; charset=utf-8',
    body: `pmproxy could not forward this request (${status}).\n\n${message.replace(/\.$/, '')}.\n`,
  };
}

/** The host name of the proxy's page for its clients. */
export const pageHost = 'pmproxy.local';

/** How a device has come to the proxy's own pages. */
export type Visit = {
  /** `host:port` of the proxy, as the device reaches it. */
  readonly address: string;
  readonly userAgent: string;
  /** The device used the proxy, as it does for other servers. */
  readonly throughProxy: boolean;
  /** The request came over TLS, with a certificate of the proxy. */
  readonly encrypted: boolean;
};

/**
 * The proxy's own pages: a page for devices, its certificate in the forms that they accept, a check of the device's
 * settings, and an automatic configuration. WPAD (`/wpad.dat`) is not included: the owner of a device sets it up.
 *
 * @returns undefined for an unknown path
 */
export function ownPage(path: string, authority: Authority, visit: Visit): Page | undefined {
  const { address, userAgent } = visit;
  switch (path.split('?')[0]) {
    case '/':
      return {
        type: 'text/html; charset=utf-8',
        body: visitorsPage(authority, address, userAgent),
      };
    case '/check':
      return { type: 'text/plain; charset=utf-8', body: `${checkResult(visit)}\n` };
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

/** What a request shows about the settings of the device that sent it. */
function checkResult({ throughProxy, encrypted }: Visit): string {
  if (!throughProxy)
    return `This request was sent to the proxy itself. To check the settings, open http://${pageHost}/check`;
  if (!encrypted)
    return `The proxy is used. To check the certificate, open https://${pageHost}/check`;
  return 'The proxy is used, and its certificate is trusted.';
}
