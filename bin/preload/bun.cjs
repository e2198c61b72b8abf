// Loaded by Bun at its start (BUN_OPTIONS): WebSocket heeds no variable, but takes a proxy as an option.
'use strict';

try {
  const proxy = process.env.HTTP_PROXY;
  if (proxy) sendWebSocketsThrough(proxy);
} catch {
  // A program without recording is better than one that does not start.
}

function sendWebSocketsThrough(proxy) {
  const { readFileSync } = require('node:fs');
  const ca = readFileSync(process.env.SSL_CERT_FILE, 'utf8');
  globalThis.WebSocket = class WebSocket extends globalThis.WebSocket {
    constructor(url, options = {}) {
      const own =
        typeof options === 'string' || Array.isArray(options) ? { protocols: options } : options;
      super(url, { proxy, ...own, tls: { ca, ...own.tls } });
    }
  };
}
