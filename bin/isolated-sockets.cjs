// Runs for a moment inside of the namespace that --isolate makes. Opens the sockets at which its programs' connections and
// questions to DNS servers arrive, and hands them to pmproxy, which stays outside. Arguments: the port for questions, then
// those for connections.
'use strict';

const { createSocket } = require('node:dgram');
const { createServer } = require('node:net');

const [resolverPort, ...relayPorts] = process.argv.slice(2).map(Number);
let expected = 2 + relayPorts.length;

answerQuestions('udp4', '127.0.0.1');
answerQuestions('udp6', '::1');
for (const port of relayPorts) {
  const tcp = createServer();
  // Without a host: both families, or IPv4 alone where there is no IPv6.
  tcp.listen({ port, backlog: 4096 }, () => hand(port, tcp));
}

function answerQuestions(family, address) {
  const udp = createSocket(family);
  udp.bind(resolverPort, address, () => hand(resolverPort, udp));
  udp.on('error', (error) => {
    if (family === 'udp4') throw error;
    // A machine without IPv6; nobody asks there.
    countDown();
  });
}

function hand(port, socket) {
  process.send(port, socket, countDown);
}

function countDown() {
  expected -= 1;
  if (expected === 0) process.exit();
}
