/** The supported column values: a 32-bit integer, text, bytes, or null. */
export type SqliteValue = number | string | Uint8Array | null;

/** Enough for a row of some 16 kB on one page. */
const pageBytes = 16_384;
const fileHeaderBytes = 100;
const cellPointersAt = 8;
/** A leaf of a table's tree (SQLite, Database File Format, 1.6). */
const TABLE_LEAF = 13;

/**
 * A SQLite database with one small table and no index: one page for the schema and one for the rows. Any SQLite reads
 * and changes it (SQLite, Database File Format: https://www.sqlite.org/fileformat2.html).
 *
 * @param columns names that need no quotes
 * @param rows each with a value for every column
 * @throws Error when the rows do not fit on a page
 */
export function sqliteFile(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqliteValue[])[],
): Buffer {
  const sql = `CREATE TABLE ${table} (${columns.join(', ')})`;
  const schema = leafPage([['table', table, table, 2, sql]], fileHeaderBytes);
  fileHeader().copy(schema);
  return Buffer.concat([schema, leafPage(rows, 0)]);
}

// 1.3, The Database Header. Fields not set here are 0.
function fileHeader(): Buffer {
  const header = Buffer.alloc(fileHeaderBytes);
  header.write('SQLite format 3\0', 'latin1');
  header.writeUInt16BE(pageBytes, 16);
  // Versions for writing and reading (a rollback journal), no reserved bytes, and three constants.
  header.set([1, 1, 0, 64, 32, 32], 18);
  const [changes, pages, schemaCookie, schemaFormat, utf8] = [1, 2, 1, 4, 1];
  header.writeUInt32BE(changes, 24);
  header.writeUInt32BE(pages, 28);
  header.writeUInt32BE(schemaCookie, 40);
  header.writeUInt32BE(schemaFormat, 44);
  header.writeUInt32BE(utf8, 56);
  // The page count above holds for this state of the file.
  header.writeUInt32BE(changes, 92);
  return header;
}

// 1.6, B-tree Pages: pointers to cells from the front, the cells from the back.
function leafPage(rows: readonly (readonly SqliteValue[])[], startAt: number): Buffer {
  const page = Buffer.alloc(pageBytes);
  let contentAt = pageBytes;
  for (const [index, row] of rows.entries()) {
    const payload = record(row);
    const cell = Buffer.concat([varint(payload.length), varint(index + 1), payload]);
    contentAt -= cell.length;
    const pointerAt = startAt + cellPointersAt + 2 * index;
    if (contentAt < pointerAt + 2) throw new Error('the rows do not fit on a page of SQLite');
    cell.copy(page, contentAt);
    page.writeUInt16BE(contentAt, pointerAt);
  }
  page[startAt] = TABLE_LEAF;
  page.writeUInt16BE(rows.length, startAt + 3);
  page.writeUInt16BE(contentAt, startAt + 5);
  return page;
}

// 2.1, Record Format: the types of the columns, then their values. The length of the head counts itself.
function record(row: readonly SqliteValue[]): Buffer {
  const fields = row.map(field);
  const types = Buffer.concat(fields.map(({ type }) => varint(type)));
  const short = types.length + 1;
  const headBytes = varint(short).length === 1 ? short : short + 1;
  return Buffer.concat([varint(headBytes), types, ...fields.map(({ bytes }) => bytes)]);
}

function field(value: SqliteValue): { readonly type: number; readonly bytes: Buffer } {
  if (value === null) return { type: 0, bytes: Buffer.alloc(0) };
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return { type: 4, bytes };
  }
  const bytes = Buffer.from(value);
  return { type: bytes.length * 2 + (typeof value === 'string' ? 13 : 12), bytes };
}

/** 1.6: seven bits a byte, the highest first; all but the last byte have their top bit set. */
function varint(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return Buffer.from(bytes);
}
