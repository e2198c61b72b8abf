import type { Authority } from './authority.ts';

/** A small answer of pmproxy's own. */
export type Page = { readonly type: string; readonly body: string | Uint8Array };

/** What a client sees when its request could not be carried: who speaks, and why. */
export function failurePage(status: number, message: string): Page {
  return {
    type: 'text/plain; charset=utf-8',
    body: `pmproxy could not carry this request (${status}).\n\n${message.replace(/\.$/, '')}.\n`,
  };
}

/**
 * What the proxy serves when it is addressed itself: its certificate authority as PEM and DER, and
 * how to use it.
 *
 * @returns undefined for a path that is not there
 */
export function ownPage(path: string, authority: Authority, address: string): Page | undefined {
  switch (path.split('?')[0]) {
    case '/':
      return { type: 'text/html; charset=utf-8', body: welcome(authority, address) };
    case '/ca.pem':
      return { type: 'application/x-pem-file', body: authority.certPem };
    // The type by which Android and iOS offer to install it.
    case '/ca.der':
    case '/ca.crt':
      return { type: 'application/x-x509-ca-cert', body: authority.certDer };
    default:
      return undefined;
  }
}

function welcome(authority: Authority, address: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>pmproxy</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em; }
  code { font: 14px ui-monospace, monospace; overflow-wrap: anywhere; }
  a { color: LinkText; }
</style>
<h1>pmproxy</h1>
<p>This is a recording proxy. Set it as the HTTP proxy of a program: <code>http://${address}</code></p>
<p>To record HTTPS, let the program trust this proxy's certificate authority:
<a href="/ca.pem">ca.pem</a> (most programs) or <a href="/ca.der">ca.der</a> (Windows, Android, iOS).</p>
<p>Anyone who has its private key can read the traffic of everyone who trusts it. The key stays on
this machine, in <code>${authority.files.key.replace(/^.*[\\/]/, '')}</code>; trust it for as long as you record, and no longer.</p>
</html>
`;
}
