import { Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { commanderOptions, readOptions } from '../../src/options/option.ts';
import { proxyOptions } from '../../src/options/proxy.ts';
import { recordedOptions } from '../../src/options/recorded.ts';
import { markdownTable } from '../../src/options/table.ts';
import { writtenOptions } from '../../src/options/written.ts';
import { given } from './parse.ts';

const tables = { proxyOptions, recordedOptions, written: writtenOptions(['postman']) };

describe.each(Object.entries(tables))('%s', (_, table) => {
  test('has every option under the property name that commander uses', () => {
    const names = Object.values(table).map(({ flags }) => new Option(flags).attributeName());
    expect(names).toEqual(Object.keys(table));
  });

  test('has defaults that its own schemas accept', () => {
    expect(() => readOptions(table, {})).not.toThrow();
  });

  test('has a row in the table of options for each option', () => {
    const rows = markdownTable(table).trimEnd().split('\n').slice(2);
    const flags = commanderOptions(table).map((option) => option.flags.replaceAll('|', '\\|'));
    expect(rows.map((row) => /^\| `(.+?)` \| /.exec(row)?.[1])).toEqual(flags);
  });

  test('shows every default in the help', () => {
    const help = commanderOptions(table).map(({ description }) => description);
    for (const { shownDefault } of Object.values(table)) {
      if (shownDefault) expect(help.join('\n')).toContain(`(default: ${shownDefault})`);
    }
  });
});

test('the three tables share no flag', () => {
  const flags = Object.values(tables)
    .flatMap(commanderOptions)
    .flatMap(({ short, long }) => [short, long].filter(Boolean));
  expect(new Set(flags).size).toBe(flags.length);
});

test('a repeatable option collects its values, and is empty for the next command line', () => {
  const read = (...args: string[]) => readOptions(recordedOptions, given(recordedOptions, ...args));
  expect(read('--redact', 'a', '--redact', 'b').redact).toEqual(['a', 'b']);
  expect(read('--redact', 'c').redact).toEqual(['c']);
  expect(read().redact).toEqual([]);
  expect(read().redact).not.toBe(read().redact);
});

test('a comma-separated list may be given several times', () => {
  const args = ['--methods', 'get, POST', '--methods', 'patch'];
  const { methods } = readOptions(recordedOptions, given(recordedOptions, ...args));
  expect(methods).toEqual(['GET', 'POST', 'PATCH']);
});

test('the error of a comma-separated list names only the bad item', () => {
  const raw = given(recordedOptions, '--status', '2xx,abc');
  expect(() => readOptions(recordedOptions, raw)).toThrow(
    '--status "abc": write status codes such as 2xx, 404 or 500-503.',
  );
});

test('an empty item of a comma-separated list is refused', () => {
  const raw = given(recordedOptions, '--methods', 'GET,');
  expect(() => readOptions(recordedOptions, raw)).toThrow('--methods ""');
});

test('options of other tables are ignored', () => {
  const raw = { port: '1', redact: ['x'] };
  expect(readOptions(proxyOptions, raw)).not.toHaveProperty('redact');
});
