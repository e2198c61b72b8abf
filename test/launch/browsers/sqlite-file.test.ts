import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { firefoxCertificates } from '../../../src/launch/browsers/firefox-trust.ts';
import { type SqliteValue, sqliteFile } from '../../../src/launch/browsers/sqlite-file.ts';
import { openAuthority } from '../../../src/proxy/authority.ts';
import { testWith } from '../../helpers/clients.ts';
import { newFolder } from '../../helpers/folder.ts';

const withPython = testWith('python3', '-c', 'import sqlite3');

/** Runs SQL on a database with Python's SQLite; each value comes as Python prints it. */
async function query(database: Buffer, sql: string): Promise<string[]> {
  const file = join(await newFolder(), 'a.db');
  await writeFile(file, database);
  const script = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
for sql in sys.argv[2].split(';'):
    for row in connection.execute(sql):
        for value in row: print(repr(value))
`;
  const { stdout } = await promisify(execFile)('python3', ['-c', script, file, sql]);
  return stdout.trim().split('\n');
}

withPython('SQLite reads every kind of value back, and finds the file whole', async () => {
  const rows: SqliteValue[][] = [
    [1, 'text with ü', Buffer.from([0, 255]), null],
    [-2, '', Buffer.alloc(3000, 7), 2 ** 31 - 1],
  ];
  const database = sqliteFile('things', ['id', 'a', 'b', 'c'], rows);
  expect(await query(database, 'PRAGMA integrity_check')).toEqual(["'ok'"]);
  expect(await query(database, 'SELECT id, a, hex(b), c FROM things')).toEqual([
    ...['1', "'text with ü'", "'00FF'", 'None'],
    ...['-2', "''", `'${'07'.repeat(3000)}'`, '2147483647'],
  ]);
});

withPython('SQLite can change the file', async () => {
  const database = sqliteFile('things', ['id'], [[1]]);
  const sql = 'ALTER TABLE things ADD COLUMN b;INSERT INTO things VALUES (2, 3)';
  expect(await query(database, `${sql};SELECT * FROM things`)).toEqual(['1', 'None', '2', '3']);
});

withPython('a row with many columns has a head of more than 127 bytes', async () => {
  const columns = Array.from({ length: 200 }, (_, index) => `c${index}`);
  const database = sqliteFile('wide', columns, [columns.map((_, index) => index)]);
  expect(await query(database, 'SELECT c0, c130, c199 FROM wide')).toEqual(['0', '130', '199']);
});

test('rows that do not fit on a page are refused', () => {
  expect(() => sqliteFile('t', ['a'], [[Buffer.alloc(20_000)]])).toThrow('do not fit');
});

withPython(
  'the database of certificates names the issuer, the serial number and the trust',
  async () => {
    const { certPem } = await openAuthority(await newFolder());
    const database = firefoxCertificates(certPem);
    const sql = 'SELECT count(DISTINCT a81), count(DISTINCT a82), count(a11) FROM nssPublic';
    expect(await query(database, sql)).toEqual(['1', '1', '1']);
    const trust = 'SELECT hex(ace536358), hex(ace536359) FROM nssPublic WHERE id = 2';
    expect(await query(database, trust)).toEqual(["'CE534352'", "'CE534353'"]);
  },
);
