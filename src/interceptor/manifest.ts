/** The public key that gives the extension its id. The private one does not exist any more; nothing is signed with it. */
const key =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAoqhUqhKUkRKg2lZ3UOlkGQC/eguPSpeGHhCUhY4R7szMDFBFhEIjccI0FIHRrULC5nx9j+J0UOrTnaMIsRs4ADiLViAlEWaKS8PRQo0T/9fo8AmnzEPKTJElo9FlU+WHh3d6xgj4OShhsAPuimhPaO5A+SyCAieiQP5DIw/KRkEH1TQ056lF0sEvg0jhCjcm95n0IFf/cEdV0stOBat3axE5xZVsIc5Z46IvcN3fjqqjlH3mQYqP0eJNzt+wBaR8UEIRcPaoeSKNX5GtYZ02nhB38/qq8cAnHcRKspAgvVPFxgRanCg6mRnH4+dtVNVM9PqCF1oS6QXcTMjCjFpFKQIDAQAB';

/** The manifest of the extension (https://developer.chrome.com/docs/extensions/reference/manifest). */
export function manifestOf(version: string) {
  return {
    manifest_version: 3,
    // `flatten` of Target.setAutoAttach and sessions of chrome.debugger.
    minimum_chrome_version: '125',
    name: 'pmproxy Interceptor',
    description:
      'Shows the requests of this browser in the running client of pmproxy on this machine.',
    version,
    key,
    icons: { 16: 'icon-16.png', 32: 'icon-32.png', 48: 'icon-48.png', 128: 'icon-128.png' },
    action: { default_popup: 'popup.html', default_icon: { 16: 'icon-16.png', 32: 'icon-32.png' } },
    background: { service_worker: 'worker.js', type: 'module' },
    permissions: ['webRequest', 'storage', 'cookies', 'debugger'],
    host_permissions: ['<all_urls>'],
    content_security_policy: {
      // The running client is on this machine; there is nothing else to talk to.
      extension_pages: [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        'connect-src http://127.0.0.1:* ws://127.0.0.1:*',
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    },
  };
}
