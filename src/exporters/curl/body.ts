import { digest } from '../../content-id.ts';
import type { ExportOptions } from '../exporter.ts';
import { type Piece, printfFormat, shellWord, shownText } from './shell.ts';

/** How a body is handed to curl. */
export type CurlBody = {
  /** The options for it. */
  readonly options: readonly string[];
  /** A command whose output curl reads, one line after another. */
  readonly source?: readonly string[];
};

/** Linux takes no argument above 128 KiB. */
const ARGUMENT_BYTES_LIMIT = 64 * 1024;

/** A text with carriage returns up to this length, such as a form's, can be read better in the script. */
const SHORT_BYTES = 4096;

/**
 * Chooses how a body is sent byte for byte: as an argument where it is text, from a file beside the script otherwise,
 * or written by printf where there is no place for files.
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

/** A line for each line of the body, none very long. */
function printfLines(pieces: readonly Piece[]): string[] {
  return pieces.flatMap((piece) =>
    typeof piece === 'string'
      ? (piece.match(/[^\n]{0,1024}(?:\n|$)|[^\n]{1024}/g) ?? [])
          .filter((line) => line !== '')
          .map((line) => `printf '${printfFormat(line)}'`)
      : [`printf '%s' ${shellWord([piece])}`],
  );
}
