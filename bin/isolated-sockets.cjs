// Runs for a moment inside of the namespace that --isolate makes. Opens the sockets at which its programs' connections and
// questions to DNS servers arrive, and hands them to pmproxy, which stays outside.
'use strict';

const { createSocket } = require('node:dgram');
const { createServer } = require('node:net');

const [relayPort, resolverPort] = process.argv.slice(2).map(Number);

const tcp = createServer();
// Without a host: both families, or IPv4 alone where there is no IPv6.
tcp.listen({ port: relayPort, backlog: 4096 }, () => hand('connections', tcp));

open('udp4', '127.0.0.1');
open('udp6', '::1');

function open(family, address) {
  const udp = createSocket(family);
  udp.bind(resolverPort, address, () => hand('questions', udp));
  udp.on('error', (error) => {
    if (family === 'udp4') throw error;
    // A machine without IPv6; nobody asks there.
    countDown();
  });
}

let expected = 3;

function hand(name, socket) {
  process.send(name, socket, countDown);
}

function countDown() {
  expected -= 1;
  if (expected === 0) process.exit();
}
