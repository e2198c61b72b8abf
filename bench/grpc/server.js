/** The gRPC server behind the proxies, in clear text. */
import grpc from '@grpc/grpc-js';
import { announce } from '../peers/launch.js';
import { implementation, service } from './service.js';

const server = new grpc.Server();
server.addService(service, implementation);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  announce(port);
});
