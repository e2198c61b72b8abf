/** mockttp's own pass-through, as its documentation writes it, without its record of all traffic in memory. */
import { generateCACertificate, getLocal } from 'mockttp';
import { announce } from './launch.js';

const https = await generateCACertificate();
const server = getLocal({ https, recordTraffic: false });
await server.forAnyRequest().thenPassThrough({ ignoreHostHttpsErrors: true });
await server.start();
announce(server.port);
