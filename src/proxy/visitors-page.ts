import type { Authority } from './authority.ts';
import { fingerprintsOf } from './authority-forms.ts';

type Step = { readonly name: string; readonly isFor: RegExp; readonly steps: readonly string[] };

const pem = '<a href="/ca.pem">ca.pem</a>';
const der = '<a href="/ca.cer">ca.cer</a>';

// The first one that matches a device's User-Agent is open initially.
const platforms: readonly Step[] = [
  {
    name: 'iPhone and iPad',
    isFor: /iphone|ipad/i,
    steps: [
      'Open this page in Safari, and download <a href="/ca.mobileconfig">the profile</a>.',
      'Settings → General → VPN &amp; Device Management: install the profile.',
      'Settings → General → About → Certificate Trust Settings: switch pmproxy on.',
    ],
  },
  {
    name: 'Android',
    isFor: /android/i,
    steps: [
      `Download ${der}.`,
      'Settings → Security → Encryption &amp; credentials → Install a certificate → CA certificate: choose the file.',
      'Chrome trusts it. Apps trust it only if they allow certificates of the user.',
    ],
  },
  {
    name: 'Firefox',
    isFor: /firefox/i,
    steps: [
      `Open ${pem} in Firefox. It asks whether to trust it: choose websites.`,
      'Otherwise: Settings → Privacy &amp; Security → View Certificates → Authorities → Import.',
    ],
  },
  {
    name: 'Windows',
    isFor: /windows/i,
    steps: [
      `Download ${der} and open it: Install Certificate → Current User.`,
      'Place it in the store “Trusted Root Certification Authorities”.',
    ],
  },
  {
    name: 'macOS',
    isFor: /mac os/i,
    steps: [
      `Download ${der} and open it in Keychain Access.`,
      'Open the certificate there: Trust → Always Trust.',
    ],
  },
  {
    name: 'Linux',
    isFor: /linux/i,
    steps: [
      `Download ${pem} to <code>/usr/local/share/ca-certificates/pmproxy.crt</code> and run <code>sudo update-ca-certificates</code>.`,
      'Fedora: <code>/etc/pki/ca-trust/source/anchors</code> and <code>sudo update-ca-trust</code>.',
      'Chromium: Settings → Privacy and security → Security → Manage certificates.',
    ],
  },
];

// Only the proxy knows the name, so an answer shows that it is used; over HTTPS, that its certificate is trusted. A person
// who comes back from the settings sees the new state. Without scripts, the links remain.
const checkScript = `<script>
  const isAnswered = (url) => fetch(url, { mode: 'no-cors', cache: 'no-store' }).then(() => true, () => false);
  const here = location.hostname === 'pmproxy.local' ? location.protocol : '';
  async function check() {
    const used = here !== '' || (await isAnswered('http://pmproxy.local/check'));
    const trusted = here === 'https:' || (await isAnswered('https://pmproxy.local/check'));
    document.getElementById('proxy').textContent = used ? 'used' : 'not used yet';
    document.getElementById('certificate').textContent = trusted ? 'trusted' : 'not trusted yet';
  }
  check();
  addEventListener('visibilitychange', () => document.hidden || check());
</script>`;

/**
 * The setup page for devices: the proxy's address, its certificate in the forms that they accept, and the steps.
 *
 * @param address `host:port` of the proxy, as the device reaches it
 * @param userAgent opens the steps of this device
 */
export function visitorsPage(authority: Authority, address: string, userAgent: string): string {
  const open = platforms.find(({ isFor }) => isFor.test(userAgent));
  const sections = platforms.map(
    (platform) => `<details name="platform"${platform === open ? ' open' : ''}>
<summary>${platform.name}</summary>
<ol>${platform.steps.map((step) => `<li>${step}</li>`).join('')}</ol>
</details>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>pmproxy</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em; }
  h2 { font-size: 1.1em; margin: 2em 0 .5em; }
  code { font: 14px ui-monospace, monospace; overflow-wrap: anywhere; }
  a { color: LinkText; }
  details { border-top: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); }
  details:last-of-type { border-bottom: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); }
  summary { padding: .6em 0; cursor: pointer; font-weight: 600; }
  ol { margin: 0 0 1em; padding-left: 1.5em; }
  small { display: block; margin-top: 2em; }
</style>
<h1>pmproxy</h1>
<p>This is a recording proxy. What your device sends through it may be recorded.</p>
<h2>1. Set the proxy</h2>
<p>Set it as the HTTP proxy of your Wi-Fi connection or your program: <code>http://${address}</code></p>
<p>Or set the address of an automatic configuration: <code>http://${address}/proxy.pac</code></p>
<h2>2. Trust the certificate, to record HTTPS</h2>
${sections.join('\n')}
<p>Other programs: ${pem}, ${der} or <a href="/ca.mobileconfig">ca.mobileconfig</a>.</p>
<h2>3. Check</h2>
<p>Proxy: <output id="proxy"><a href="http://pmproxy.local/check">http://pmproxy.local/check</a></output><br>
Certificate: <output id="certificate"><a href="https://pmproxy.local/check">https://pmproxy.local/check</a></output></p>
${checkScript}
<h2>4. Remove both when you have finished</h2>
<p>Anyone who has the private key of this certificate can read the traffic of everyone who trusts it. The key stays on
the machine of the proxy, in <code>${authority.files.key.replace(/^.*[\\/]/, '')}</code>.</p>
<small>SHA-256 of the certificate: <code>${fingerprintsOf(authority.certPem).certificate}</code></small>
</html>
`;
}
