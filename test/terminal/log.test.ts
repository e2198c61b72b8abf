import { describe, expect, test } from 'vitest';
import { usageError } from '../../src/errors.ts';
import { createLog, type LogOptions } from '../../src/terminal/log.ts';
import { styleOf } from '../../src/terminal/style.ts';

function logged(options: Partial<LogOptions>) {
  const lines: string[] = [];
  const stream = { write: (text: string) => void lines.push(text) };
  return {
    lines,
    log: createLog({ level: 'info', format: 'pretty', color: false, ...options, stream }),
  };
}

describe('for a person', () => {
  test('a message is printed alone, and a warning or an error with its level', () => {
    const { log, lines } = logged({ level: 'debug' });
    log.debug('a');
    log.info('b');
    log.warn({ host: 'x' }, 'c');
    log.error('d');
    expect(lines).toEqual(['debug: a\n', 'b\n', 'warning: c\n', 'error: d\n']);
  });

  test('control characters in captured text are made visible', () => {
    const { log, lines } = logged({});
    log.warn('\u001b[2J gone');
    expect(lines).toEqual(['warning: ␛[2J gone\n']);
  });

  test('a prepared line is printed unchanged', () => {
    const { log, lines } = logged({});
    log.info({ line: '\u001b[32m200\u001b[39m' }, 'plain');
    expect(lines).toEqual(['\u001b[32m200\u001b[39m\n']);
  });

  test('a UserError shows its hint and no stack', () => {
    const { log, lines } = logged({});
    log.error({ err: usageError('Bad port', 'Try: --port 1') }, 'Bad port');
    expect(lines).toEqual(['error: Bad port\nTry: --port 1\n']);
  });

  test('a bug shows its stack', () => {
    const { log, lines } = logged({});
    log.error({ err: new TypeError('oh') }, 'a bug');
    expect(lines.join('')).toMatch(/^error: a bug\nTypeError: oh\n {4}at /);
  });

  test('errors are red where there are colours', () => {
    const { log, lines } = logged({ color: true });
    log.error('d');
    expect(lines).toEqual(['\u001b[31merror: \u001b[39md\n']);
  });
});

describe('as JSON', () => {
  test('a line has time, level, fields and message', () => {
    const { log, lines } = logged({ format: 'json' });
    log.info({ exchange: { seq: 1 }, line: 'for people' }, 'GET 200');
    const { time, ...rest } = JSON.parse(lines[0] ?? '');
    expect(Number.isNaN(Date.parse(time))).toBe(false);
    expect(rest).toEqual({ level: 30, exchange: { seq: 1 }, msg: 'GET 200' });
  });

  test('controls are escaped', () => {
    const { log, lines } = logged({ format: 'json' });
    log.info('\u001b[2J\n');
    expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}/u);
  });
});

test('entries below the level are not printed', () => {
  const { log, lines } = logged({ level: 'error' });
  log.warn('a');
  log.error('b');
  expect(lines).toEqual(['error: b\n']);
  expect(logged({ level: 'silent' }).log.isLevelEnabled('fatal')).toBe(false);
});

test('the style follows the terminal, NO_COLOR and 80 columns otherwise', () => {
  expect(styleOf({ columns: 120 }, {}, true)).toEqual({ width: 120, color: true });
  expect(styleOf({}, { NO_COLOR: '1' }, true)).toEqual({ width: 80, color: false });
  expect(styleOf({}, { NO_COLOR: '' }, true).color).toBe(true);
  expect(styleOf({}, {}, false).color).toBe(false);
});
