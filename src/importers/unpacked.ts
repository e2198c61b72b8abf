import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { describeError, UserError } from '../errors.ts';
import { makePrivateFolder, makeTemporaryFolder, openNew, PRIVATE } from '../new-files.ts';
import { openSource, type Source, spoolStream } from './source.ts';

/**
 * Opens a file that is compressed or in UTF-16: gzip, a zip archive written by Playwright (a HAR file with its bodies),
 * or text written by PowerShell. Compressed content is unpacked into a temporary folder, which is removed when the
 * result is closed. Any other file is returned unchanged.
 *
 * @throws UserError if it cannot be unpacked
 */
export async function unpacked(source: Source, depth = 0): Promise<Source> {
  const open = openerOf(source.read(0, 4));
  if (open === undefined) return source;
  try {
    if (depth === MOST_LAYERS)
      throw new UserError(`${source.name} has too many layers of compression.`);
    return await unpacked(await open(source), depth + 1);
  } finally {
    await source.close();
  }
}

/** Some archives contain themselves. */
const MOST_LAYERS = 4;

/** The maximum unpacked size of a file. */
const MOST_UNPACKED_BYTES = 16 * 1024 ** 3;

type Opener = (source: Source) => Promise<Source>;

/** RFC 1952, 2.3.1; APPNOTE.TXT, 4.3.7; the byte order mark, or without one the zero byte beside the first bracket. */
function openerOf([a, b, c, d]: Buffer): Opener | undefined {
  if (a === 0x1f && b === 0x8b) return openGzip;
  if (a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04) return openZip;
  if ((a === 0xff && b === 0xfe) || (a === OPEN_OBJECT && b === 0)) return openText('utf-16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === OPEN_OBJECT)) return openText('utf-16be');
  return undefined;
}

const OPEN_OBJECT = 0x7b;

function openGzip(source: Source): Promise<Source> {
  // Reads what a truncated file contains.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  return spool(source, gunzip);
}

function openText(encoding: 'utf-16le' | 'utf-16be'): Opener {
  return (source) => spool(source, Duplex.from(decoded));

  async function* decoded(chunks: AsyncIterable<Buffer>) {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  }
}

async function spool(source: Source, through: Duplex): Promise<Source> {
  const { folder } = source;
  const inner = await spoolStream(Readable.from(source.chunks()), source.name, [
    through,
    Duplex.from(bounded),
  ]);
  return folder === undefined ? inner : { ...inner, folder };
}

async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MOST_UNPACKED_BYTES) throw new Error('it unpacks to more than 16 GiB');
    yield chunk;
  }
}

async function openZip(source: Source): Promise<Source> {
  const folder = await makeTemporaryFolder(join(tmpdir(), 'pmproxy-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const names = await extract(source, folder);
    const inner = openSource(join(folder, harAmong(names, source.name)));
    const close = async () => {
      await inner.close();
      await remove();
    };
    return { ...inner, name: source.name, close };
  } catch (error) {
    await remove();
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot unpack ${source.name}: ${describeError(error)}`, { cause: error });
  }
}

/** @returns the file names; yauzl rejects names outside the archive. */
async function extract(source: Source, folder: string): Promise<string[]> {
  const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.size);
  const names: string[] = [];
  let size = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    size += entry.uncompressedSize;
    if (size > MOST_UNPACKED_BYTES) throw new Error('it unpacks to more than 16 GiB');
    const path = join(folder, entry.fileName);
    await makePrivateFolder(dirname(path));
    const file = await openNew(path, 'w', PRIVATE);
    await pipeline(await zip.openReadStreamPromise(entry), file.createWriteStream());
    names.push(entry.fileName);
  }
  return names;
}

function harAmong(names: readonly string[], archive: string): string {
  const hars = names.filter((name) => /\.har$/i.test(name));
  const [har, another] = hars.length === 0 && names.length === 1 ? names : hars;
  if (har === undefined) throw new UserError(`${archive} has no .har file in it.`);
  if (another === undefined) return har;
  throw new UserError(`${archive} has ${hars.length} .har files in it.`, {
    hint: 'Unpack it, and name the files to convert.',
  });
}

class SourceReader extends RandomAccessReader {
  readonly #source: Source;

  constructor(source: Source) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(partsOf(this.#source, start, end));
  }
}

const partBytes = 256 * 1024;

function* partsOf(source: Source, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; at += partBytes)
    yield source.read(at, Math.min(partBytes, end - at));
}
