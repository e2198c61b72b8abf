import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exchange } from '../../src/exchange.ts';
import type { ExportOptions } from '../../src/exporters/exporter.ts';
import { folderExporters } from '../../src/exporters/index.ts';
import { recordingOf } from './exchanges.ts';
import { newFolder } from './folder.ts';
import { open, openContent } from './inputs.ts';
import { openApiComplaints } from './redocly.ts';
import { type FormatId, renderFormat } from './scripts.ts';

/** The path of a file in test/cases, `har-fragment/in.har`. */
export function caseFile(name: string): string {
  return fileURLToPath(new URL(`../cases/${name}`, import.meta.url));
}

/** The exchanges in a case, or in a HAR file with these entries. */
export async function exchangesIn(source: string | readonly object[]): Promise<Exchange[]> {
  const input =
    typeof source === 'string'
      ? await open(caseFile(source))
      : await openContent({ log: { version: '1.2', entries: source } });
  const exchanges: Exchange[] = [];
  for await (const exchange of input.read()) exchanges.push(exchange);
  return exchanges;
}

type HarParts = { readonly request?: object; readonly response?: object } & Readonly<
  Record<string, unknown>
>;

/** The least that an entry of a HAR file holds, with other parts for some of it. */
export function harEntry({ request, response, ...more }: HarParts = {}): object {
  return {
    startedDateTime: '2024-05-01T12:00:00Z',
    request: { method: 'GET', url: 'https://api.test/', headers: [], ...request },
    response: { status: 200, headers: [], ...response },
    ...more,
  };
}

/** What a case, or a HAR file with these entries, becomes; secrets are kept unless said otherwise. */
export async function convertedTo(
  format: FormatId,
  source: string | readonly object[],
  options: Partial<ExportOptions> = {},
): Promise<string> {
  const exchanges = await exchangesIn(source);
  return String(await renderFormat(format, exchanges, { secrets: 'keep', ...options }));
}

/** The files of the collection v3 that a recording becomes, by their paths. */
export async function v3Files(exchanges: readonly Exchange[]): Promise<Map<string, string>> {
  const recording = recordingOf(exchanges);
  const files = new Map<string, string>();
  const v3 = folderExporters['postman-v3'];
  for await (const { path, chunks } of v3.renderFiles(recording, { name: 'recorded' })) {
    let text = '';
    for await (const chunk of chunks) text += chunk;
    files.set(path, text);
  }
  return files;
}

/** What Redocly has to complain about in the OpenAPI document that a case becomes. */
export async function complaintsAbout(text: string): Promise<unknown[]> {
  const file = join(await newFolder(), text.startsWith('{') ? 'api.json' : 'api.yaml');
  await writeFile(file, text);
  return openApiComplaints(file);
}

/** A body as text. */
export async function textOf(
  body: { bytes(): Promise<Uint8Array> } | undefined,
): Promise<string | undefined> {
  return body && Buffer.from(await body.bytes()).toString();
}
