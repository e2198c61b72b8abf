import { describe, expect, test } from 'vitest';
import type { Recording } from '../../src/exchange.ts';
import { exporters } from '../../src/exporters/index.ts';
import { exchange, failure, response } from '../helpers/exchanges.ts';
import { harComplaints, renderAs, renderHar } from '../helpers/har.ts';
import { fc } from '../helpers/properties.ts';

describe('har-schema takes', () => {
  test('a recording of nothing', async () => {
    const har = await renderHar([]);
    expect(harComplaints(har)).toBeNull();
    expect(har.log).toMatchObject({ version: '1.2', entries: [], pages: [] });
  });

  test('exchanges of every kind', async () => {
    const har = await renderHar([
      exchange({ url: 'http://api.test/a?b=%zz&{{c}}', response: { status: 204 } }),
      exchange({ response: null }),
      exchange({ outcome: { kind: 'aborted', partial: response({ body: 'x' }) } }),
      exchange({ outcome: failure('loop') }),
      exchange({ outcome: { kind: 'completed' } }),
      { ...exchange(), connection: { upstream: '[2001:db8::1]:443' } },
      exchange({
        headers: [['Cookie', '; =; a']],
        body: Buffer.from([0, 255]),
        response: {
          headers: [
            ['Set-Cookie', ''],
            ['Set-Cookie', 'a=b; Expires=never'],
          ],
        },
      }),
      exchange({ webSocketMessages: 0, response: { status: 101 } }),
    ]);
    expect(harComplaints(har)).toBeNull();
    expect(har.log.entries).toHaveLength(8);
  });

  test('any header, URL and body', async () => {
    const value = fc.string({ unit: 'binary' });
    const headers = fc.array(fc.tuple(value, value));
    await fc.assert(
      fc.asyncProperty(headers, value, fc.uint8Array(), async (lines, path, body) => {
        const url = `http://api.test/${path.replace(/\s/g, '')}`;
        const har = await renderHar([
          exchange({ url, headers: lines, body, response: { headers: lines, body } }),
        ]);
        expect(harComplaints(har)).toBeNull();
      }),
    );
  });
});

test('the schema check reports a violation', async () => {
  const { log } = await renderHar([exchange()]);
  const [entry] = log.entries;
  const broken = { log: { ...log, entries: [{ ...entry, time: 'soon' }] } };
  expect(harComplaints(broken)).toMatchObject([{ instancePath: '/log/entries/0/time' }]);
});

test('every host has a page, which begins with its first exchange', async () => {
  const urls = ['http://a.test/1', 'http://B.test:81/', 'http://a.test/2'];
  const exchanges = urls.map((url) => exchange({ url }));
  const { log } = await renderHar(exchanges);
  expect(log.entries.map(({ pageref }) => pageref)).toEqual(['a.test', 'b.test:81', 'a.test']);
  expect(log.pages?.map(({ id }) => id)).toEqual(['a.test', 'b.test:81']);
  expect(log.pages?.[1]?.startedDateTime).toBe(log.entries[1]?.startedDateTime);
});

test('an entry is a line, in HAR and in ndjson, and the same traffic gives the same bytes', async () => {
  const exchanges = [exchange(), exchange({ body: '{}' })];
  const [har, again] = [await renderAs('har', exchanges), await renderAs('har', exchanges)];
  expect(again).toBe(har);
  const lines = (await renderAs('ndjson', exchanges)).trimEnd().split('\n');
  const entries = har.split('\n').slice(1, 3);
  expect(lines).toHaveLength(2);
  for (const [at, line] of lines.entries()) {
    const { pageref, ...entry } = JSON.parse(entries[at]!.replace(/,$/, ''));
    expect(JSON.parse(line)).toEqual(entry);
    expect(pageref).toBe('api.test');
  }
});

test.each(['har', 'ndjson'] as const)(
  '%s is written while the recording is read',
  async (format) => {
    let read = 0;
    const recording: Recording = {
      size: 50,
      async *read() {
        // Before the first entry comes a reading for secrets.
        for (read = 0; read < 50; read += 1)
          yield exchange({ response: { body: 'x'.repeat(1000) } });
      },
    };
    const ahead: number[] = [];
    let entries = 0;
    for await (const chunk of exporters[format].render(recording, { name: 'x' })) {
      entries += String(chunk).includes('startedDateTime') ? 1 : 0;
      ahead.push(read - entries);
    }
    expect(entries).toBeGreaterThanOrEqual(50);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(1);
  },
);

describe('secrets', () => {
  const secret = exchange({
    headers: [['Authorization', 'Bearer s3cret-t0ken']],
    response: { headers: [['Set-Cookie', 'sid=c00kie-value']] },
  });

  test.each(['har', 'ndjson'] as const)(
    'are variables in %s, also in parsed cookies',
    async (format) => {
      const told: string[] = [];
      const onSecret = (name: string) => told.push(name);
      const text = await renderAs(format, [secret], { secrets: 'redact', onSecret });
      expect(text).not.toMatch(/s3cret-t0ken|c00kie-value/);
      expect(text).toContain('"value":"Bearer {{bearer_token}}"');
      expect(text).toContain('"name":"sid","value":"{{cookie_sid}}"');
      expect(told).toEqual(['bearer_token', 'cookie_sid']);
    },
  );

  test('are kept when asked for', async () => {
    expect(await renderAs('har', [secret], { secrets: 'keep' })).toContain('s3cret-t0ken');
  });
});
