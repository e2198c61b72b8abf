import { contentId } from '../../collection/identifiers.ts';
import { nameOrigins } from '../../collection/origins.ts';
import { createSecrets } from '../../collection/secrets.ts';
import { type Survey, surveyRecording } from '../../collection/survey.ts';
import { variableNames } from '../../collection/variables.ts';
import type { Recording } from '../../exchange.ts';
import {
  type Exporter,
  type ExportOptions,
  exportDefaults,
  type GivenOptions,
} from '../exporter.ts';
import { type RenderContext, uniqueIds } from './context.ts';
import { collectionDescription } from './description.ts';
import { itemTexts } from './items.ts';
import { jsonAt } from './json.ts';

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

/** Chunks of about this many characters are handed on. */
const CHUNK_LENGTH = 64 * 1024;

/** Postman Collection v2.1, as newman, the Postman CLI and the app read it. */
export const postman: Exporter = {
  id: 'postman',
  endings: ['.json'],
  render,
};

async function* render(recording: Recording, given: GivenOptions): AsyncGenerator<string> {
  const options: ExportOptions = { ...exportDefaults, ...given };
  const survey = await surveyRecording(recording, options);
  const context = contextOf(survey, options);
  let pending = `{\n\t"info": ${jsonAt(1, infoOf(survey, options)).trimStart()},\n\t"item": [`;
  for await (const text of itemTexts(recording, survey, context)) {
    pending += text;
    if (pending.length < CHUNK_LENGTH) continue;
    yield pending;
    pending = '';
  }
  yield `${pending}${survey.order.length === 0 ? '' : '\n\t'}],\n\t"variable": ${variablesOf(context)}\n}\n`;
}

function contextOf(survey: Survey, options: ExportOptions): RenderContext {
  const names = variableNames(survey.bracedNames);
  return {
    options,
    variables: options.variables ? nameOrigins(survey.origins, names) : new Map(),
    secrets: createSecrets({
      mode: options.secrets,
      names,
      redact: options.redact,
      onSecret: options.onSecret,
    }),
    uniqueId: uniqueIds(),
  };
}

function infoOf(survey: Survey, { name }: ExportOptions): object {
  const description = collectionDescription(survey);
  return {
    _postman_id: contentId('collection', name),
    name,
    ...(description === undefined ? {} : { description }),
    schema: SCHEMA,
  };
}

/** Secrets are declared without values: to be filled in, or to come from an environment. */
function variablesOf({ variables, secrets }: RenderContext): string {
  const hosts = [...variables].map(([value, key]) => ({ key, value }));
  const blanks = secrets.variables.map((key) => ({ key, value: '' }));
  return jsonAt(1, [...hosts, ...blanks]).trimStart();
}
