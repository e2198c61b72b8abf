import { collectionDefaults } from '../../analysis/options.ts';
import type { Recording } from '../../exchange.ts';
import { createSecrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';
import {
  type Exporter,
  type ExportOptions,
  type GivenOptions,
  isRecording,
  type Source,
} from '../exporter.ts';
import { yamlText } from '../yaml-text.ts';
import { type ApiFacts, gatherApi } from './api.ts';
import { documentedApi } from './collection-api.ts';
import type { OpenApiDocument, PathItem } from './document.ts';
import { stringifyExactly } from './exact-json.ts';
import { operationIds } from './operation-ids.ts';

/** A description of the APIs that were called, as far as the calls tell: OpenAPI 3.1. */
export const openapi: Exporter = {
  id: 'openapi',
  endings: ['.openapi.yaml', '.openapi.yml', '.openapi.json'],
  about: 'OpenAPI 3.1: templated paths, merged schemas, examples',
  render,
};

async function* render(source: Source, given: GivenOptions): AsyncGenerator<string> {
  const document = isRecording(source)
    ? await recordedApi(source, given)
    : await documentedApi(source, given);
  const asJson = given.path?.toLowerCase().endsWith('.json') ?? false;
  yield asJson
    ? `${stringifyExactly(document)}\n`
    : yamlText(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

async function recordedApi(recording: Recording, given: GivenOptions): Promise<OpenApiDocument> {
  const options: ExportOptions = { ...collectionDefaults, ...given };
  const secrets = createSecrets({
    mode: options.secrets,
    names: variableNames([]),
    redact: options.redact,
  });
  return documentOf(await gatherApi(recording, secrets, options.templates), options.name);
}

function documentOf(api: ApiFacts, title: string): OpenApiDocument {
  const servers = [...api.origins].map((url) => ({ url }));
  const { schemes } = api.security;
  return {
    openapi: '3.1.1',
    info: { title, version: '1.0.0', description: descriptionOf(api) },
    // Without any the server would be the one that the document comes from.
    servers: servers.length === 0 ? [{ url: '/' }] : servers,
    security: [],
    paths: pathItems(api),
    ...(schemes.size === 0 ? {} : { components: { securitySchemes: Object.fromEntries(schemes) } }),
  };
}

function descriptionOf({ leftOut }: ApiFacts): string {
  const recorded = 'Inferred from recorded traffic: what was not called is not here.';
  if (leftOut.size === 0) return recorded;
  return `${recorded} Left out, because OpenAPI does not know their methods: ${[...leftOut].join(', ')}.`;
}

function pathItems({ paths, origins }: ApiFacts): Record<string, PathItem> {
  const idOf = operationIds();
  return Object.fromEntries(
    [...paths.values()].map((facts) => {
      const operations = [...facts.operations].map(([method, operation]) => [
        method,
        operation.operation(idOf(method, facts.path), `${method.toUpperCase()} ${facts.path}`),
      ]);
      const everywhere = facts.origins.size === origins.size;
      const servers = everywhere ? {} : { servers: [...facts.origins].map((url) => ({ url })) };
      return [facts.path, { ...servers, ...Object.fromEntries(operations) }];
    }),
  );
}
