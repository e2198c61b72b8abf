import { collectionDefaults } from '../../analysis/options.ts';
import type { Recording } from '../../exchange.ts';
import { type DistinctRequests, distinctRequests, type Naming } from '../distinct-requests.ts';
import {
  type Exporter,
  type ExportOptions,
  type GivenOptions,
  isRecording,
  type Source,
} from '../exporter.ts';
import { documentRequests } from './document.ts';
import { isPlainHost, requestBlock } from './request.ts';
import { oneLine } from './text.ts';

/** A file of requests for editors: REST Client in VS Code, the HTTP Client of JetBrains, httpyac. */
export const http: Exporter = {
  id: 'http',
  endings: ['.http'],
  about: "requests for VS Code's REST Client and JetBrains' HTTP Client",
  render,
};

const naming: Naming = {
  reserved: new Set(),
  origin: (name) => name,
  // httpyac reads names as JavaScript.
  secret: (name) => (/^[a-z_]/i.test(name) ? name : `secret_${name}`),
};

async function* render(source: Source, given: GivenOptions): AsyncGenerator<string> {
  if (isRecording(source)) yield* recordedRequests(source, given);
  else yield* documentRequests(source, given);
}

async function* recordedRequests(
  recording: Recording,
  given: GivenOptions,
): AsyncGenerator<string> {
  const options: ExportOptions = { ...collectionDefaults, ...given };
  const requests = await distinctRequests(recording, options, naming);
  const { origins, secrets } = requests;
  yield head(options, requests);
  for await (const request of requests.read()) {
    yield `\n${await requestBlock(request, { origins, secrets, attach: options.attach })}`;
  }
}

function head({ name }: ExportOptions, requests: DistinctRequests): string {
  const { size, origins, secrets, upgraded } = requests;
  const count = size === 1 ? '1 request' : `${size} requests`;
  return [
    `# ${oneLine(name)}: ${count} recorded by pmproxy.\n`,
    ...upgraded.map(({ url }) => `# Not among them, because it left HTTP: ${oneLine(url)}\n`),
    origins.size === 0 ? '' : '\n',
    ...[...origins]
      .filter(([origin]) => isPlainHost(origin))
      .map(([origin, variable]) => `@${variable} = ${origin}\n`),
    secrets.size === 0
      ? ''
      : '\n# Secrets, which were taken out. Give them values here or in an environment.\n',
    ...[...secrets].map((variable) => `# @${variable} = \n`),
  ].join('');
}
