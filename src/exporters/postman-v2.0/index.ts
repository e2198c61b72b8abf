import type { Exporter } from '../exporter.ts';

/** Postman Collection v2.0, for programs that support no later version. */
export const postmanV20: Exporter = {
  id: 'postman-v2.0',
  family: 'v2',
  endings: [],
  about: 'Collection v2.0, for older tools',
  usualEnding: '.postman_collection.json',
  asksForEnvironment: true,
  async *render(source, options) {
    const { asCollection } = await import('../source.ts');
    const { collectionTexts } = await import('../postman-v2.1/writer.ts');
    yield* collectionTexts(asCollection(source, options), '2.0.0');
  },
  append: {
    async check(existing, shown) {
      const { readCollection } = await import('../postman-v2.1/append.ts');
      readCollection(existing, '2.0.0', shown);
    },
    async merge(existing, source, options, shown) {
      const { asCollection } = await import('../source.ts');
      const { appendToCollection } = await import('../postman-v2.1/append.ts');
      return appendToCollection(existing, asCollection(source, options), {
        version: '2.0.0',
        shown,
        onLoss: options.onLoss,
      });
    },
  },
};
