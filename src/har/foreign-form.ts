import { digest } from '../content-id.ts';
import { parseContentType } from '../http/content-type.ts';
import { type ReadParams, textOfValue } from './schema.ts';

/** A form body rebuilt from its fields. */
export type WrittenForm = {
  readonly text: string;
  /** With the boundary used in the text. */
  readonly contentType: string;
};

/**
 * Writes the body of a form if an entry has only its fields.
 *
 * @param contentType the message's content type, perhaps without a boundary; empty if there is none
 */
export function formOf(params: ReadParams, contentType: string): WrittenForm | undefined {
  if (params.length === 0) return undefined;
  const { essence, parameters } = parseContentType(contentType);
  const hasFile = params.some(({ fileName }) => fileName != null);
  if (essence !== 'multipart/form-data' && !(essence === '' && hasFile)) {
    const fields = params.map(({ name, value }): [string, string] => [name, textOfValue(value)]);
    const text = new URLSearchParams(fields).toString();
    return { text, contentType: contentType || 'application/x-www-form-urlencoded' };
  }
  const given = parameters.get('boundary');
  const boundary = given ?? ownBoundary(params);
  return {
    text: `${params.map((param) => part(param, boundary)).join('')}--${boundary}--\r\n`,
    contentType: given === undefined ? `multipart/form-data; boundary=${boundary}` : contentType,
  };
}

/** A boundary that depends only on the fields and occurs in none of them. */
function ownBoundary(params: ReadParams): string {
  return `----pmproxy${digest(JSON.stringify(params)).slice(0, 24)}`;
}

function part(
  { name, value, fileName, contentType }: ReadParams[number],
  boundary: string,
): string {
  const file = fileName == null ? '' : `; filename="${quotable(fileName)}"`;
  const type = contentType ? `\r\nContent-Type: ${contentType}` : '';
  return `--${boundary}\r\nContent-Disposition: form-data; name="${quotable(name)}"${file}${type}\r\n\r\n${textOfValue(value)}\r\n`;
}

/** HTML, 4.10.21.8: these three are escaped in the names of fields and files. */
function quotable(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
