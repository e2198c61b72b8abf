import { digest } from '../../content-id.ts';
import type { ExportOptions } from '../exporter.ts';
import { type Piece, printfFormat, shellWord, shownText } from './shell.ts';

/** How a body is passed to curl. */
export type CurlBody = {
  /** The curl options for the body. */
  readonly options: readonly string[];
  /** The lines of a command whose output curl reads. */
  readonly source?: readonly string[];
};

/** Linux rejects arguments above 128 KiB. */
const ARGUMENT_BYTES_LIMIT = 64 * 1024;

/** Text with carriage returns up to this length, such as a form's, is more readable in the script. */
const SHORT_BYTES = 4096;

/**
 * Chooses how to send a body byte for byte: text as an argument, other bytes from a file beside the script, or by printf
 * if files cannot be written.
 *
 * @param pieces the body with its variables; data as Latin-1 text
 */
export async function curlBody(
  pieces: readonly Piece[],
  attach: ExportOptions['attach'],
): Promise<CurlBody> {
  const data = pieces.filter((piece) => typeof piece === 'string').join('');
  const isText = pieces.every(
    (piece) => typeof piece !== 'string' || shownText(piece) !== undefined,
  );
  if (isText && data.length <= ARGUMENT_BYTES_LIMIT) {
    return { options: [`--data-raw ${shellWord(pieces)}`] };
  }
  const isShort = data.length <= SHORT_BYTES && shownText(data.replaceAll('\r', '')) !== undefined;
  if (attach !== undefined && !isShort && pieces.every((piece) => typeof piece === 'string')) {
    const bytes = Buffer.from(data, 'latin1');
    const path = await attach(`${digest(bytes).slice(0, 16)}.bin`, bytes);
    return {
      options: [`--data-binary ${shellWord([Buffer.from(`@${path}`).toString('latin1')])}`],
    };
  }
  return { options: ['--data-binary @-'], source: printfLines(pieces) };
}

/** Writes a line for each line of the body; splits long ones. */
function printfLines(pieces: readonly Piece[]): string[] {
  return pieces.flatMap((piece) =>
    typeof piece === 'string'
      ? (piece.match(/[^\n]{0,1024}(?:\n|$)|[^\n]{1024}/g) ?? [])
          .filter((line) => line !== '')
          .map((line) => `printf '${printfFormat(line)}'`)
      : [`printf '%s' ${shellWord([piece])}`],
  );
}
