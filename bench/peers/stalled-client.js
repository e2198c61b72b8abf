/** A running client that says welcome and then reads nothing more, started by the bench. */
import { WebSocketServer } from 'ws';
import { announce } from './launch.js';

const server = new WebSocketServer({ host: '127.0.0.1', path: '/capture', port: 0 });
server.on('listening', () => announce(server.address().port));
server.on('connection', (socket, { socket: tcp }) => {
  socket.on('error', () => {});
  socket.once('message', () => {
    socket.send(JSON.stringify({ type: 'welcome', protocol: 1, last: 0 }), () => tcp.pause());
  });
});
