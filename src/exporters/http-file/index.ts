import { asCollection, type Exporter } from '../exporter.ts';
import { REPLAYED } from '../replayed-headers.ts';
import { requestFile } from './document.ts';

/** A file of requests for editors: REST Client in VS Code, the HTTP Client of JetBrains, httpyac. */
export const http: Exporter = {
  id: 'http',
  endings: ['.http'],
  asks: REPLAYED,
  about: "requests for VS Code's REST Client and JetBrains' HTTP Client",
  render: (source, options) =>
    requestFile(asCollection(source, { ...options, ...REPLAYED }), options),
};
