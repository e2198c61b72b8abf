import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { convert } from 'curl-to-postmanv2';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { testWith } from '../helpers/clients.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { type ExchangeParts, exchange, failure } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { type HardRequest, hardRequests } from '../helpers/hard-requests.ts';
import { fc, runs } from '../helpers/properties.ts';
import { attachIn, renderFormat, runScript } from '../helpers/scripts.ts';

const withCurl = testWith('curl', '--version');

async function script(...parts: readonly ExchangeParts[]): Promise<string> {
  return (await renderFormat('curl', parts.map(exchange))).toString();
}

describe('a script', () => {
  test('has a block for each request, with its result', async () => {
    const text = await script(
      { url: 'https://api.test/users/42?full=1', headers: [['Accept', 'application/json']] },
      { url: 'https://api.test/gone', response: null },
      { url: 'https://api.test/late', outcome: failure('timeout') },
    );
    expect(text).toContain('# GET /users/42 → 200\ncurl ');
    expect(text).toContain('--url "$BASE_URL/users/42?full=1" \\\n');
    expect(text).toContain("  -H 'Accept: application/json' \\\n");
    expect(text).toContain('# GET /gone → failed: refused\n');
    expect(text).toContain('# GET /late → failed: timeout\n');
  });

  test('names its hosts at the top, where the environment may set others', async () => {
    const text = await script({ url: 'https://a.test/' }, { url: 'http://[::1]:8080/' });
    expect(text).toMatch(/^A_TEST_URL=\$\{A_TEST_URL:-https:\/\/a\.test\}$/m);
    expect(text).toMatch(/^HOST_1_8080_URL=\$\{HOST_1_8080_URL:-http:\/\/\[::1\]:8080\}$/m);
  });

  test('writes hosts out without variables', async () => {
    const one = exchange({ url: 'https://a.test/x' });
    const text = (await renderFormat('curl', [one], { variables: false })).toString();
    expect(text).toContain("--url 'https://a.test/x'");
    expect(text).not.toContain('_URL');
  });

  test('requires secrets instead of containing them', async () => {
    const headers: Header[] = [['Authorization', 'Bearer s3cr3t.t0ken']];
    const text = await script({ url: 'https://a.test/', headers });
    expect(text).not.toContain('s3cr3t');
    expect(text).toMatch(/^: "\$\{bearer_token:\?/m);
    expect(text).toMatch(/-H "Authorization: Bearer \$\{bearer_token:\?\}"/);
    const kept = await renderFormat('curl', [exchange({ headers })], { secrets: 'keep' });
    expect(kept.toString()).toContain("-H 'Authorization: Bearer s3cr3t.t0ken'");
  });

  test('takes no variable from its environment that the recording names', async () => {
    const headers: Header[] = [['Authorization', 'Bearer {{HOME}}']];
    const text = await script({ url: 'https://a.test/', headers });
    expect(text).toContain("-H 'Authorization: Bearer {{HOME}}'");
    expect(text).not.toContain('$HOME');
  });

  test('has no secret that only a later response reveals', async () => {
    const text = await script(
      { url: 'https://a.test/reset/s3cret-0123456789' },
      {
        url: 'https://a.test/tokens',
        response: {
          headers: [['Content-Type', 'application/json']],
          body: '{"access_token":"s3cret-0123456789"}',
        },
      },
    );
    expect(text).not.toContain('s3cret');
  });

  test('writes identical requests once unless told otherwise', async () => {
    const twice = [exchange({ url: 'https://a.test/' }), exchange({ url: 'https://a.test/' })];
    const count = (text: Buffer) => text.toString().match(/^curl/gm)?.length;
    expect(count(await renderFormat('curl', twice))).toBe(1);
    expect(count(await renderFormat('curl', twice, { dedupe: false }))).toBe(2);
  });

  test('mentions connections that left HTTP', async () => {
    const text = await script({ url: 'https://a.test/socket', webSocketMessages: 3 });
    expect(text).toContain('wss://a.test/socket: 3 messages');
    expect(text).not.toMatch(/^curl/m);
  });

  test.each<[string, ExchangeParts]>([
    ['its method is not a valid HTTP method', { method: 'GET / HTTP/1.1\r\nX-Evil: 1' }],
    ['its URL holds a line break', { url: 'http://a.test/\r\nX-Evil: 1' }],
    ['its URL holds a NUL', { url: 'http://a.test/a\0b' }],
  ])('leaves out a request that no client sends: %s', async (reason, parts) => {
    const text = await script(parts);
    expect(text).toMatch(new RegExp(`^# Left out: .*${reason}`, 'm'));
    expect(text).not.toMatch(/^curl|^X-Evil/m);
  });
});

describe('what the upstream sees', () => {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const cases: readonly HardRequest[] = [
    ...hardRequests,
    { target: '/?a=1&&b=%zz%' },
    { target: '/{a}/[1-3]/../"q"/<x>|^`$HOME?q={a,b}&r=$(id)\'"' },
    { target: '/back\\slash' },
    { target: '//double//./' },
    { target: '/head', method: 'HEAD', body: 'odd' },
    { target: '/empty', method: 'POST' },
    { target: '/empty', method: 'POST', headers: [['Content-Length', '0']], body: '' },
    { target: '/get', method: 'GET', body: '@/etc/passwd' },
    { target: '/dash', body: '--data-raw\n-x' },
    { target: '/crlf', body: 'a\r\nb\r\n' },
    { target: '/every-byte', body: everyByte },
    { target: '/gzip', headers: [['Content-Encoding', 'gzip']], body: gzipSync('zipped') },
    { target: '/large', body: 'x'.repeat(200_000) },
    { target: '/chunked', headers: [['Transfer-Encoding', 'chunked']], body: 'in chunks' },
    { target: '/braces/{{a}}', body: '{{b}}' },
    {
      target: '/headers',
      headers: [
        ['Host', 'other.test'],
        ['User-Agent', 'recorded/1'],
        ['Accept', 'a/b'],
        ['accept-encoding', 'gzip'],
        ['X-Twice', '1'],
        ['x-twice', '2'],
        ['X-Empty', ''],
        ['X-Latin', 'caf\u00e9'],
        ['X-Quote', '\'"$(id)`id`\\!'],
        ['Cookie', 'a=1; b=2'],
        ['Referer', '-'],
      ],
    },
  ];

  withCurl.each(['with files beside the script', 'without files'])(
    'is what was recorded, %s',
    { timeout: 180_000 },
    async (kind) => {
      const { origin, seen } = await startEchoServer();
      const host: Header = ['Host', new URL(origin).host];
      const exchanges = cases.map(({ target, headers = [], ...rest }) => {
        const named = headers.some(([name]) => name === 'Host');
        const all = named ? headers : [host, ...headers];
        return exchange({ ...rest, headers: all, url: `${origin}${target}` });
      });
      const folder = await newFolder();
      const attach = kind === 'without files' ? {} : { attach: attachIn(folder) };
      const text = await renderFormat('curl', exchanges, { secrets: 'keep', ...attach });
      const { stderr } = await runScript(folder, text);
      expect(stderr.replaceAll(/curl: \(18|curl: \(28.*\n/g, '')).toBe('');
      expect(seen.map(({ target, method }) => [target, method])).toEqual(
        cases.map(({ target, method, body }) => [target, method ?? (body ? 'POST' : 'GET')]),
      );
      for (const [index, one] of exchanges.entries()) {
        const { headers, body } = seen[index]!;
        expect(body).toEqual(Buffer.from((await one.request.body?.bytes()) ?? ''));
        const counted = ([name]: Header) => !/^content-length$/i.test(name);
        const recorded = one.request.headers.filter(counted);
        const sent = headers.filter(counted);
        const inOrder = (lines: readonly Header[]) =>
          [...lines].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
        expect(inOrder(sent)).toEqual(inOrder(recorded));
      }
      const files = (await readdir(folder)).filter((name) => name.endsWith('.bin'));
      expect(files.length > 0).toBe(kind !== 'without files');
    },
  );
});

describe('whatever was recorded', () => {
  const hostile = fc.constantFrom(
    "'; rm -rf ./hacked; touch ./hacked; '",
    '$(touch hacked)',
    '`touch hacked`',
    '"; touch hacked; "',
    '\\',
    '!!',
    '%s%n',
    '\r',
    '\t',
    '\x00',
    '\x81\x88',
    '\xe2\x80\xae',
    'caf\xc3\xa9',
    '{{bearer_token}}',
    '@/etc/passwd',
    '-',
    'EOF',
    '# ',
  );
  const bytes = (more: readonly string[]) =>
    fc
      .array(fc.oneof(hostile, fc.string({ unit: 'binary-ascii', maxLength: 5 }), latin1))
      .map((parts) =>
        parts.join('').replace(/[\0\r\n]/g, (found) => (more.includes(found) ? found : '')),
      );
  const latin1 = fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 })
    .map((codes) => String.fromCharCode(...codes));
  const requests = fc.array(
    fc.record({
      method: fc.constantFrom<string[]>('GET', 'POST', '-o', "o'clock", '`x`', '$HOME', '!#|^~'),
      target: bytes([]),
      value: bytes([]).map((text) => text.trim()),
      body: fc.option(bytes(['\0', '\r', '\n']), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  /** Data that means something where the options of curl are, with bodies to be given as a word and to be piped. */
  const likeOptions = ['@-', '-X', '-H', '--data-raw', '--request-target'].flatMap((word) =>
    [word, `${word}\0${word}`].map((body) => ({ method: 'POST', target: word, value: word, body })),
  );

  /** The options that the stub wrote down, and the body that it was given as a word or through a pipe. */
  function readCall(call: string): { options: readonly string[]; sent: string | undefined } {
    const pipe = '\0--data-binary\0@-\0';
    const pipeAt = call.indexOf(pipe);
    if (pipeAt >= 0) {
      return { options: call.slice(0, pipeAt).split('\0'), sent: call.slice(pipeAt + pipe.length) };
    }
    const words = call.split('\0');
    const dataAt = words.indexOf('--data-raw');
    if (dataAt < 0) return { options: words, sent: undefined };
    return { options: words.slice(0, dataAt), sent: words[dataAt + 1] };
  }

  test.each(['sh', 'bash'])('stays data in %s', async (shell) => {
    const folder = await newFolder();
    // Stands for curl: writes down its arguments and what comes in, each ended by a mark.
    const stub = [
      'curl() {',
      '  for word; do printf "%s\\0" "$word"; done',
      '  before=',
      '  for word; do',
      '    if [ "$before $word" = "--data-binary @-" ]; then cat; fi',
      '    before=$word',
      '  done',
      "  printf '\\0%s\\0' END-OF-CALL",
      '}',
      '',
    ].join('\n');
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        const exchanges = all.map(({ method, target, value, body }) =>
          exchange({
            method,
            url: `http://a.test/${target}`,
            headers: [['X-Fuzz', value]],
            ...(body === undefined ? {} : { body: Buffer.from(body, 'latin1') }),
          }),
        );
        const options = { secrets: 'keep', dedupe: false } as const;
        const text = await renderFormat('curl', exchanges, options);
        const { stdout, stderr } = await runScript(folder, `${stub}${text}`, {}, shell);
        expect(stderr).toBe('');
        const calls = stdout.toString('latin1').split('\0END-OF-CALL\0');
        expect(calls.pop()).toBe('');
        expect(calls).toHaveLength(all.length);
        for (const [index, { method, target, value, body }] of all.entries()) {
          const { options, sent } = readCall(calls[index]!);
          const behind = (option: string) => options[options.indexOf(option) + 1];
          const targeted = options.includes('--request-target');
          expect(targeted ? behind('--request-target') : behind('--url')).toBe(
            `${targeted ? '' : 'http://a.test'}/${target}`,
          );
          const withBody = body !== undefined;
          expect(options.includes('-X') ? behind('-X') : withBody ? 'POST' : 'GET').toBe(method);
          expect(behind('-H')).toBe(value === '' ? 'X-Fuzz;' : `X-Fuzz: ${value}`);
          expect(sent).toBe(body);
        }
        expect(await readdir(folder)).toEqual(['script.sh']);
      }),
      { numRuns: runs(25), examples: [[likeOptions]] },
    );
  });
});

test('a call of a script is understood by the importer of curl commands', async () => {
  const text = await renderFormat(
    'curl',
    [
      exchange({
        url: 'https://a.test/users?a=1&b=it%27s',
        method: 'PUT',
        headers: [
          ['Content-Type', 'application/json'],
          ['X-Quote', 'it\'s "quoted"'],
        ],
        body: '{\n  "it\'s": "$HOME"\n}',
      }),
    ],
    { variables: false },
  );
  const call = text.toString().slice(text.indexOf('\ncurl ') + 1);
  const result = await new Promise<{ result: boolean; output: { data: ImportedRequest }[] }>(
    (resolve, reject) => {
      convert({ type: 'string', data: call }, (error, converted) =>
        error ? reject(error) : resolve(converted),
      );
    },
  );
  expect(result.result).toBe(true);
  const { method, url, header, body } = result.output[0]!.data;
  expect({ method, url }).toEqual({ method: 'PUT', url: 'https://a.test/users?a=1&b=it%27s' });
  expect(header).toContainEqual({ key: 'Content-Type', value: 'application/json' });
  expect(header).toContainEqual({ key: 'X-Quote', value: 'it\'s "quoted"' });
  expect(JSON.parse(body.raw)).toEqual({ "it's": '$HOME' });
});

type ImportedRequest = {
  method: string;
  url: string;
  header: { key: string; value: string }[];
  body: { raw: string };
};
