import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import { Ajv } from 'ajv';
import type { Exchange, Recording } from '../../src/exchange.ts';
import type { GivenOptions } from '../../src/exporters/exporter.ts';
import { exporters } from '../../src/exporters/index.ts';
import type { Har } from '../../src/har/types.ts';
import { recordingOf } from './exchanges.ts';

const require = createRequire(import.meta.url);

/** What har-schema has to complain about; null when the file is valid. */
export function harComplaints(har: unknown): unknown {
  validate ??= harValidator();
  return validate(har) ? null : validate.errors;
}
let validate: ReturnType<typeof harValidator> | undefined;

function harValidator() {
  const ajv = new Ajv({
    strict: false,
    formats: {
      ipv4: isIPv4,
      ipv6: isIPv6,
      // RFC 3986 knows no braces; the schema's own validator takes anything without spaces, too.
      uri: /^[a-z][a-z0-9+.-]*:\/?\/?\S*$/i,
      'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
    },
  });
  ajv.addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json'));
  for (const schema of Object.values(require('har-schema'))) ajv.addSchema(schema as object);
  return ajv.compile({ $ref: 'har.json#' });
}

/** Everything that an exporter writes, as one text; secrets are kept unless said otherwise. */
export async function renderAs(
  format: keyof typeof exporters,
  source: readonly Exchange[] | Recording,
  options: Partial<GivenOptions> = {},
): Promise<string> {
  const recording = 'read' in source ? source : recordingOf(source);
  const chunks: Buffer[] = [];
  const given = { name: 'recorded', secrets: 'keep' as const, ...options };
  for await (const chunk of exporters[format].render(recording, given))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

export async function renderHar(
  source: readonly Exchange[] | Recording,
  options: Partial<GivenOptions> = {},
): Promise<Har> {
  return JSON.parse(await renderAs('har', source, options));
}
