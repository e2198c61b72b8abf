import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { exporterFor, exporters } from '../../src/exporters/index.ts';

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UserError) return `${error.message} ${error.hint} ${error.exitCode}`;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('an exporter is found under its own id', () => {
  for (const [id, exporter] of Object.entries(exporters)) {
    expect(exporter.id).toBe(id);
    expect(exporterFor('anything', id)).toBe(exporter);
  }
});

test('no two exporters have the same ending', () => {
  const endings = Object.values(exporters).flatMap((exporter) => exporter.endings);
  expect(new Set(endings).size).toBe(endings.length);
});

test('the ending of a path chooses the format, in any case', () => {
  expect(exporterFor('traffic.postman_collection.json').id).toBe('postman');
  expect(exporterFor('/some/where/TRAFFIC.JSON').id).toBe('postman');
});

test('a named format takes precedence over the ending', () => {
  expect(exporterFor('traffic.txt', 'postman').id).toBe('postman');
});

test('an unknown format is a wrong usage that lists the known ones', () => {
  expect(messageOf(() => exporterFor('a.json', 'potsman'))).toMatch(/"potsman".*postman.* 2$/);
});

test('names of Object.prototype are not formats', () => {
  expect(messageOf(() => exporterFor('a.json', 'constructor'))).toContain('"constructor"');
});

test('an unknown ending is a wrong usage that lists the known ones', () => {
  expect(messageOf(() => exporterFor('a.pdf'))).toMatch(
    /"a\.pdf".*Use one of \.json, .*\.openapi\.json, \/ for a folder, .*--format postman 2$/,
  );
});
