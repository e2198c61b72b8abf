import type { Exporter } from '../exporter.ts';
import { REPLAYED } from '../replayed-headers.ts';

/** A file of requests for editors: REST Client in VS Code, the HTTP Client of JetBrains, httpyac. */
export const http: Exporter = {
  id: 'http',
  endings: ['.http'],
  asks: REPLAYED,
  about: "requests for VS Code's REST Client and JetBrains' HTTP Client",
  async *render(source, options) {
    const { asCollection } = await import('../source.ts');
    const { requestFile } = await import('./document.ts');
    yield* requestFile(asCollection(source, { ...options, ...REPLAYED }), options);
  },
};
