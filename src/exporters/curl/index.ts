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
import { documentScript } from './document.ts';
import { comment, requestBlock } from './request.ts';
import { shellWord } from './shell.ts';

/** A POSIX shell script that sends the requests again, one call of curl for each. */
export const curl: Exporter = {
  id: 'curl',
  endings: ['.sh'],
  about: 'a shell script of curl calls; recorded values are quoted and never run',
  environment: { ending: '.env', write: environment },
  render,
};

/** To be read by the shell that runs the script: `. ./traffic.env && sh traffic.sh`. */
function environment(values: ReadonlyMap<string, string>): string {
  const lines = [...values].map(([name, value]) => {
    const bytes = Buffer.from(value).toString('latin1');
    return `export ${name}=${shellWord([bytes])}\n`;
  });
  return lines.join('');
}

/** Variables that curl and shells read themselves; the others of this kind are upper case. */
const RESERVED = new Set(['all_proxy', 'http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy']);

const shellNaming: Naming = {
  reserved: RESERVED,
  // With an ending of its own, so that a host called `path` does not touch PATH.
  origin: (name) => (name === 'baseUrl' ? 'BASE_URL' : `${name.toUpperCase()}_URL`),
  secret: (name) => (/^[a-z_]/i.test(name) ? name : `secret_${name}`),
};

async function* render(source: Source, given: GivenOptions): AsyncGenerator<string> {
  if (isRecording(source)) yield* recordingScript(source, given);
  else yield* documentScript(source, given);
}

async function* recordingScript(recording: Recording, given: GivenOptions): AsyncGenerator<string> {
  const options: ExportOptions = { ...collectionDefaults, ...given };
  const requests = await distinctRequests(recording, options, shellNaming);
  const { origins, secrets } = requests;
  yield head(options, requests);
  for await (const { exchange } of requests.read()) {
    yield `\n${await requestBlock(exchange, { origins, secrets, attach: options.attach })}`;
  }
}

function head({ name, attach }: ExportOptions, requests: DistinctRequests): string {
  const { size, origins, secrets, upgraded } = requests;
  const count = size === 1 ? '1 request' : `${size} requests`;
  return [
    `#!/bin/sh\n# ${comment(name)}: ${count} recorded by pmproxy, to be sent again by curl.\n`,
    ...upgraded.map(({ url }) => `# Not among them, because it left HTTP: ${comment(url)}\n`),
    // Files beside the script are named relative to it.
    attach === undefined ? '' : 'CDPATH= cd -- "$(dirname -- "$0")" || exit\n',
    origins.size === 0 ? '' : '\n# Hosts. Others may be set before.\n',
    ...[...origins].map(([origin, variable]) => hostLine(variable, origin)),
    secrets.size === 0 ? '' : '\n# Secrets, which were taken out. They have to be set before.\n',
    ...[...secrets].map((variable) => `: "\${${variable}:?is a secret that has to be set}"\n`),
  ].join('');
}

function hostLine(variable: string, origin: string): string {
  const text = Buffer.from(origin).toString('latin1');
  const value = /^[\w.:/[\]-]+$/.test(origin) ? origin : shellWord([text]);
  return `${variable}=\${${variable}:-${value}}\n`;
}
