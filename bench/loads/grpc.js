/**
 * Unary calls over gRPC on one connection. Arguments: proxy port (0 for none), URL of the server, calls at once, seconds,
 * file of the message.
 */
import { readFileSync } from 'node:fs';
import { callUnary, openGrpc } from '../grpc/client.js';
import { loop } from './worker-loop.js';

const { port } = new URL(process.argv[3] ?? '');
const [proxyPort, concurrent, seconds] = [2, 4, 5].map((at) => Number(process.argv[at]));
const message = readFileSync(process.argv[6] ?? '');
const client = openGrpc(Number(port), proxyPort);

const ask = () =>
  callUnary(client, message).then(
    (answer) => ({ status: 200, bytes: answer.length }),
    () => ({ status: 0, bytes: 0 }),
  );

await loop({ concurrent, seconds, ask });
client.close();
