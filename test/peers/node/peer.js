// The gRPC peer in Node: `peer.js serve <certificate> <key>`, or `peer.js call <address>…` (see ../echo.proto).
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { call } from './client.js';
import { serve } from './server.js';

const definition = loader.loadSync(fileURLToPath(new URL('../echo.proto', import.meta.url)));
const { Echo } = grpc.loadPackageDefinition(definition).peers.v1;

const [command, ...rest] = process.argv.slice(2);
if (command === 'serve') await serve(Echo, ...rest);
else for (const address of rest) await call(Echo, address);
