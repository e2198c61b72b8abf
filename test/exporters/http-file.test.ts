import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import { type SeenRequest, startEchoServer } from '../helpers/echo-server.ts';
import { type ExchangeParts, exchange } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { hardRequests } from '../helpers/hard-requests.ts';
import { isUnknownToHttpyac, sendWithHttpyac } from '../helpers/httpyac.ts';
import { attachIn, renderFormat } from '../helpers/scripts.ts';

async function send(folder: string, file: Buffer): Promise<void> {
  const path = join(folder, 'recorded.http');
  await writeFile(path, file);
  await sendWithHttpyac(path);
}

async function written(parts: ExchangeParts, attach = true): Promise<string> {
  const options = attach ? { attach: async (name: string) => `recorded.files/${name}` } : {};
  return (await renderFormat('http', [exchange(parts)], options)).toString();
}

describe('a file', () => {
  test('has a named request for each exchange, with variables for hosts at the top', async () => {
    const text = await written({
      url: 'https://api.test/users/42?full=1',
      headers: [['Accept', 'application/json']],
    });
    expect(text).toContain('@baseUrl = https://api.test\n');
    expect(text).toContain(
      '\n### GET /users/42 → 200\nGET {{baseUrl}}/users/42?full=1\nAccept: application/json\n',
    );
  });

  test('leaves secrets blank', async () => {
    const text = await written({ headers: [['Authorization', 'Bearer s3cr3t.t0ken']] });
    expect(text).not.toContain('s3cr3t');
    expect(text).toContain('# @bearer_token = \n');
    expect(text).toContain('Authorization: Bearer {{bearer_token}}\n');
  });

  test('disables what its programs would do by default', async () => {
    const redirect = { status: 302, headers: [['Location', '/x']] satisfies Header[] };
    expect(await written({ response: redirect })).toContain('# @no-redirect\n');
    expect(await written({ headers: [['Cookie', 'a=1']] })).toContain('# @no-cookie-jar\n');
    expect(await written({ url: 'http://a.test/%20' })).toContain('# @no-auto-encoding\n');
  });

  test('mentions what it cannot contain', async () => {
    expect(await written({ method: 'M-SEARCH' })).toContain('# Left out: M-SEARCH is not a method');
    expect(await written({ url: 'http://a.test/caf\u00e9' })).toContain(
      '# Its URL is percent-encoded',
    );
    expect(await written({ headers: [['#odd', '1']] })).toContain('# Its header #odd cannot');
    const body = Buffer.from([0, 1]);
    expect(await written({ body }, false)).toContain('# Its body (2 bytes) is left out');
    expect(await written({ url: 'http://{{evil}}/' })).not.toMatch(/^(?!#).*evil/m);
  });

  test('shows a form with its files beside it', async () => {
    const part = (head: string, value: string) => `--b\r\n${head}\r\n\r\n${value}\r\n`;
    const body = `${part('Content-Disposition: form-data; name="t"', 'x')}${part(
      'Content-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png',
      '\0',
    )}--b--\r\n`;
    const headers: Header[] = [['Content-Type', 'multipart/form-data; boundary=b']];
    const text = await written({ headers, body });
    expect(text).toContain('\n\n--b\nContent-Disposition: form-data; name="t"\n\nx\n--b\n');
    expect(text).toMatch(/Content-Type: image\/png\n\n< \.\/recorded\.files\/\w+\.bin\n--b--\n$/);
  });
});

describe('what httpyac sends of a file', () => {
  /** A trap of JavaScript's own making, and what its own syntax reads another way. */
  const wrong = new Set(['constructor', 'x-twice', 'x-braces']);

  test('is what was recorded', { timeout: 120_000 }, async () => {
    const { origin, seen } = await startEchoServer();
    const folder = await newFolder();
    const exchanges = hardRequests
      .filter((one) => !isUnknownToHttpyac(one))
      .map(({ target, ...parts }) => exchange({ headers: [], ...parts, url: origin + target }));
    const options = { secrets: 'keep', attach: attachIn(folder) } as const;
    await send(folder, await renderFormat('http', exchanges, options));
    expect(seen).toHaveLength(exchanges.length);
    for (const [index, one] of exchanges.entries()) await expectSame(seen[index]!, one);
  });

  async function expectSame(seen: SeenRequest, { request }: Exchange): Promise<void> {
    expect(seen.method).toBe(request.method);
    // Its client writes URLs as the URL Standard has it.
    const { pathname, search } = new URL(request.url.replaceAll('{{', '%7B{'));
    expect(seen.target).toBe(pathname + search);
    const lines = new Set(seen.headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`));
    for (const [name, value] of request.headers) {
      if (wrong.has(name.toLowerCase())) continue;
      expect(lines).toContain(`${name.toLowerCase()}: ${value}`);
    }
    const isForm = request.headers.some(([, value]) => value.startsWith('multipart/'));
    const body = Buffer.from((await request.body?.bytes()) ?? '').toString('latin1');
    // What follows the last boundary says nothing (RFC 2046, 5.1.1).
    expect(seen.body.toString('latin1')).toBe(isForm ? body.replace(/\r\n$/, '') : body);
  }

  const hostile = [
    '{{process.exit(9)}}',
    '{{$guid}} {{ x }}',
    '\\{\\{process.exit(9)\\}\\}',
    '{{@request\nprocess.exit(9)\n}}',
    'a\n### b\nGET /must-not-be-sent',
    '# no comment',
    'a\n// no comment\nb',
    '/*\nno comment\n*/',
    'GET /must-not-be-sent',
    'a\nPOST /must-not-be-sent HTTP/1.1\nb: c\n\nd',
    'MQTT /must-not-be-sent',
    'HTTP/1.1 200 OK\nx: y',
    '< /etc/hostname',
    '<@ /etc/hostname',
    'a\n<@latin1 /etc/hostname',
    '> {%\nclient.exit()\n%}',
    '>> must-not-be-written.txt',
    '<> must-not-be-read.json',
    '?? status == 404',
    '@baseUrl = http://127.0.0.1:1',
    'a\n  @baseUrl = http://127.0.0.1:1',
    'a\n===\nb',
    '=== wait-for-server',
    'a<--->',
    '```\nfence\n```',
    '...headers',
    '\nblank lines around\n\n',
    '  indented',
    'tail  ',
    '{"a":\t"b"}',
    '\ufeffmark',
  ];

  test('sends recorded text without executing it', { timeout: 120_000 }, async () => {
    const { origin, seen } = await startEchoServer();
    const folder = await newFolder();
    const exchanges = hostile.map((body, index) =>
      exchange({
        url: `${origin}/${index}?q=${encodeURI(body).replaceAll('%7B', '{').replaceAll('%7D', '}')}`,
        headers: [['X-Hostile', body.replaceAll(/[^ -~]/g, ' ').trim()]],
        body,
      }),
    );
    const options = { secrets: 'keep', attach: attachIn(folder) } as const;
    await send(folder, await renderFormat('http', exchanges, options));
    expect(seen.map(({ body }) => body.toString())).toEqual(hostile);
    expect(seen.map(({ target }) => target.split('?')[0])).toEqual(
      hostile.map((_, index) => `/${index}`),
    );
  });
});
