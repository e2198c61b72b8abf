import type { Exporter, GivenOptions, Source } from '../exporter.ts';

/** Conversion options: one item per endpoint, with all of its calls. */
const DESCRIBED = {
  calls: 'all',
  restrictedHeaders: true,
  group: 'none',
  shape: 'endpoints',
  tests: false,
  sharedAuth: false,
  variables: false,
} as const;

/** Describes the called APIs as OpenAPI 3.1, as far as the calls show. */
export const openapi: Exporter = {
  id: 'openapi',
  endings: ['.openapi.yaml', '.openapi.yml', '.openapi.json'],
  asks: DESCRIBED,
  about: 'OpenAPI 3.1: templated paths, merged schemas, examples',
  render,
};

async function* render(source: Source, options: GivenOptions): AsyncGenerator<string> {
  const { asCollection } = await import('../source.ts');
  const { describedApi } = await import('./api.ts');
  const { onSecret: _, ...silent } = options;
  const collection = asCollection(source, { ...silent, ...DESCRIBED });
  const document = await describedApi(collection, options);
  const asJson = options.path?.toLowerCase().endsWith('.json') ?? false;
  if (asJson) {
    const { stringifyExactly } = await import('./exact-json.ts');
    yield `${stringifyExactly(document)}\n`;
  } else {
    const { yamlText } = await import('../yaml-text.ts');
    yield yamlText(document, { lineWidth: 0, aliasDuplicateObjects: false });
  }
}
