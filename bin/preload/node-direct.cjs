// biome-ignore-all lint/style/useNodejsImportProtocol: require knows the prefix from Node 14.18 on.
// Which connections do not go through the proxy.
'use strict';

const fs = require('fs');
const net = require('net');
const { domainToASCII } = require('url');

/** SSH, mail, directories, databases, caches, queues: protocols that are not HTTP, on their registered ports. */
const USUALLY_DIRECT = [
  22, 25, 110, 143, 389, 465, 587, 636, 993, 995, 1433, 1521, 1883, 3306, 5432, 5671, 5672, 6379,
  8883, 9042, 9092, 11211, 27017,
];

/** The ports to which a program connects directly: the usual ones, and those in PMPROXY_DIRECT_PORTS. */
function directPorts() {
  const named = (process.env.PMPROXY_DIRECT_PORTS || '').split(/[\s,]+/).map(Number);
  return new Set([...USUALLY_DIRECT, ...named]);
}

/**
 * The `host:port` to ask the proxy for, or undefined where a connection is not to be tunnelled: a pipe, a socket that
 * reads in its own way, a port or host that is exempt, the proxy itself, what is no address at all, or a port of this
 * machine where nobody listens and for which the proxy does not answer: it grants every tunnel, and a program that waits
 * for a server would not wait.
 *
 * @param options those of net.connect
 * @param proxy where the proxy is
 * @param direct the ports that are exempt
 */
function tunnelTarget(options, proxy, direct) {
  if (options.path || options.socketPath || options.onread || options.fd !== undefined) return;
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 1 || port > 65535 || direct.has(port)) return;
  const host = options.host || 'localhost';
  if (typeof host !== 'string') return;
  if (port === proxy.port && (host === proxy.host || isLoopback(host))) return;
  if (isLoopback(host) && !isAnswered(port) && !isListenedTo(port)) return;
  // Names are written in ASCII (RFC 5891); what does not become a name is left to the resolver to refuse.
  const name = net.isIP(host) ? host : domainToASCII(host);
  if (!/^[\w.:-]+$/.test(name) || isExempt(name)) return;
  return { host: name, port };
}

function isLoopback(host) {
  return host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));
}

/** Whether the proxy answers in the place of the servers on this port (`pmproxy mock`). */
function isAnswered(port) {
  return (process.env.PMPROXY_ANSWERED_PORTS || '').split(',').includes(String(port));
}

/** Column `st` of a socket that listens (proc_net_tcp of the Linux kernel's documentation). */
const LISTENING = '0A';

/** Whether somebody listens on a port of this machine; true as well where the system does not say. */
function isListenedTo(port) {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let isKnown = false;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let lines = [];
    try {
      lines = fs.readFileSync(table, 'latin1').split('\n');
      isKnown = true;
    } catch {
      // Another system, or no IPv6.
    }
    for (const line of lines) {
      const [, local, , state] = line.trim().split(/\s+/);
      if (state === LISTENING && local.endsWith(end)) return true;
    }
  }
  return !isKnown;
}

// pmproxy empties the variable; whoever fills it again means it.
function isExempt(host) {
  const names = (process.env.NO_PROXY || '').split(/[\s,]+/);
  return names.some((name) => {
    const suffix = name.replace(/^\*?\.?/, '');
    return suffix !== '' ? host === suffix || host.endsWith(`.${suffix}`) : name === '*';
  });
}

module.exports = { directPorts, tunnelTarget };
