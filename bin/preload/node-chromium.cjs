// biome-ignore-all lint/style/useNodejsImportProtocol: require knows the prefix from Node 14.18 on.
// Gives the proxy to each browser of the Chromium family that a program starts: Playwright, Puppeteer, Karma, Lighthouse.
'use strict';

const childProcess = require('child_process');

const CHROMIUM =
  /(^|[\\/])(google[ -]chrome|chrome|chromium|headless_shell|msedge|microsoft[ -]edge|brave)[^\\/]*$/i;
const HAS_PROXY = /^--(no-proxy-server|proxy-(server|pac-url|auto-detect))\b/;

/**
 * @param proxy host and port of the proxy
 * @param directPorts gets the port of each browser's DevTools: what a program tells its browser is not traffic
 */
function giveChromiumTheProxy(proxy, directPorts) {
  const { spawn } = childProcess;
  childProcess.spawn = function (file, args, ...rest) {
    if (!CHROMIUM.test(String(file)) || !Array.isArray(args)) {
      return spawn.call(this, file, args, ...rest);
    }
    const own = args.some((arg) => HAS_PROXY.test(arg)) ? [] : proxyFlags(proxy);
    const child = spawn.call(this, file, [...own, ...args], ...rest);
    if (child.stderr) watchForDevTools(child.stderr, directPorts);
    return child;
  };
}

function proxyFlags({ host, port }) {
  const fingerprint = process.env.PMPROXY_SPKI;
  return [
    `--proxy-server=http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    // Without it Chromium goes around the proxy to this machine.
    '--proxy-bypass-list=<-loopback>',
    '--disable-quic',
    ...(fingerprint ? [`--ignore-certificate-errors-spki-list=${fingerprint}`] : []),
  ];
}

// Chromium prints the address once it listens, before anybody can connect. A listener would set the stream flowing.
function watchForDevTools(stderr, directPorts) {
  const { push } = stderr;
  let text = '';
  stderr.push = function (chunk, ...rest) {
    if (chunk) {
      text = (text + chunk.toString('latin1')).slice(-100000);
      const found = /DevTools listening on ws:\/\/[^/\s]*:(\d+)\//.exec(text);
      if (found) {
        directPorts.add(Number(found[1]));
        delete stderr.push;
      }
    }
    return push.call(this, chunk, ...rest);
  };
}

module.exports = { giveChromiumTheProxy };
