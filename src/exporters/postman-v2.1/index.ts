import type { Exporter } from '../exporter.ts';

/** Postman Collection v2.1, as newman, the Postman CLI and the app read it. */
export const postman: Exporter = {
  id: 'postman',
  family: 'v2',
  endings: ['.json'],
  about: 'Collection v2.1, for Postman, newman and the Postman CLI',
  usualEnding: '.postman_collection.json',
  runner: 'npx newman run',
  asksForEnvironment: true,
  async *render(source, options) {
    const { asCollection } = await import('../source.ts');
    const { collectionTexts } = await import('./writer.ts');
    yield* collectionTexts(asCollection(source, options), '2.1.0');
  },
  append: {
    async check(existing, shown) {
      const { readCollection } = await import('./append.ts');
      readCollection(existing, '2.1.0', shown);
    },
    async merge(existing, source, options, shown) {
      const { asCollection } = await import('../source.ts');
      const { appendToCollection } = await import('./append.ts');
      return appendToCollection(existing, asCollection(source, options), {
        version: '2.1.0',
        shown,
        onLoss: options.onLoss,
      });
    },
  },
};
