import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonSchema } from '../../src/analysis/schema/json-schema.ts';
import type { Exchange, Header, Recording } from '../../src/exchange.ts';
import type { ExportOptions } from '../../src/exporters/exporter.ts';
import type { Method, OpenApiDocument, Operation } from '../../src/exporters/openapi/document.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { fc, runs } from '../helpers/properties.ts';
import { renderFormat } from '../helpers/scripts.ts';

const json: Header = ['Content-Type', 'application/json'];

async function documentOf(
  source: readonly ExchangeParts[] | Recording,
  options: Partial<ExportOptions> = {},
): Promise<OpenApiDocument> {
  const recording = 'read' in source ? source : source.map(exchange);
  return parse((await renderFormat('openapi', recording, options)).toString());
}

/** The only operation. */
async function operationOf(...parts: readonly ExchangeParts[]): Promise<Operation> {
  const { paths } = await documentOf(parts);
  const operations = Object.values(paths).flatMap((item) => Object.values(item)) as Operation[];
  expect(operations).toHaveLength(1);
  return operations[0]!;
}

function answered(value: unknown, parts: ExchangeParts = {}): ExchangeParts {
  return { ...parts, response: { headers: [json], body: JSON.stringify(value) } };
}

describe('a document', () => {
  test('has one path for URLs that differ only in ids', async () => {
    const { paths, servers } = await documentOf([
      answered({ id: 1, name: 'a', email: 'a@a.test' }, { url: 'https://a.test/users/1' }),
      answered({ id: 2, name: 'b', admin: true }, { url: 'https://a.test/users/2' }),
    ]);
    expect(servers).toEqual([{ url: 'https://a.test' }]);
    expect(Object.keys(paths)).toEqual(['/users/{userId}']);
    const { get } = paths['/users/{userId}']!;
    expect(get).toMatchObject({
      operationId: 'getUsersByUserId',
      parameters: [{ name: 'userId', in: 'path', required: true, schema: { type: 'integer' } }],
    });
    expect(get?.responses['200']?.content?.['application/json']?.schema).toEqual({
      type: 'object',
      properties: {
        id: { type: 'integer' },
        name: { type: 'string' },
        email: { type: 'string', format: 'email' },
        admin: { type: 'boolean' },
      },
      required: ['id', 'name'],
    });
  });

  test('is JSON where the ending says so', async () => {
    const text = await renderFormat('openapi', [exchange()], { path: '/x/api.openapi.json' });
    expect(JSON.parse(text.toString())).toEqual(await documentOf([{}]));
  });

  test('lists the paths of each host when there are several', async () => {
    const { paths, servers } = await documentOf([
      { url: 'https://a.test/a' },
      { url: 'https://b.test/b' },
    ]);
    expect(servers).toEqual([{ url: 'https://a.test' }, { url: 'https://b.test' }]);
    expect(paths['/b']?.servers).toEqual([{ url: 'https://b.test' }]);
  });

  test('gives no two operations one id', async () => {
    const urls = ['/a/b', '/a-b', '/a_b', '/aB', '/a/b2', '/', '//'];
    const { paths } = await documentOf(urls.map((path) => ({ url: `https://a.test${path}` })));
    const ids = Object.values(paths).map(({ get }) => get?.operationId);
    expect(ids).toHaveLength(urls.length);
    expect(new Set(ids).size).toBe(urls.length);
  });

  test('reports and leaves out entries that are not calls or that OpenAPI does not support', async () => {
    const { paths, info } = await documentOf([
      { url: 'https://a.test/socket', webSocketMessages: 1 },
      { url: 'https://a.test/dav', method: 'PROPFIND' },
    ]);
    expect(paths).toEqual({});
    expect(info.description).toContain('PROPFIND');
  });
});

describe('an operation', () => {
  test('has the query of all calls', async () => {
    const { parameters } = await operationOf(
      { url: 'https://a.test/s?q=a%20b&page=1&tag=x' },
      { url: 'https://a.test/s?q=c&tag=y&tag=z&deep=true' },
    );
    expect(parameters).toEqual([
      { name: 'q', in: 'query', required: true, schema: { type: 'string' }, example: 'a b' },
      { name: 'page', in: 'query', schema: { type: 'integer' }, example: 1 },
      {
        name: 'tag',
        in: 'query',
        required: true,
        schema: { type: 'array', items: { type: 'string' } },
        example: ['x'],
      },
      { name: 'deep', in: 'query', schema: { type: 'boolean' }, example: true },
    ]);
  });

  test('treats a parameter as text when its values differ in type', async () => {
    const { parameters } = await operationOf(
      { url: 'http://a.test/?v=1' },
      { url: 'http://a.test/?v=x' },
    );
    expect(parameters).toMatchObject([{ schema: { type: 'string' }, example: '1' }]);
  });

  test('has only meaningful headers', async () => {
    const { parameters } = await operationOf({
      headers: [
        ['Host', 'a.test'],
        ['User-Agent', 'x'],
        ['sec-ch-ua', 'x'],
        ['Idempotency-Key', 'abc'],
        ['X-Tenant', '7'],
      ],
    });
    expect(parameters?.map(({ name, schema }) => [name, schema.type])).toEqual([
      ['Idempotency-Key', 'string'],
      ['X-Tenant', 'integer'],
    ]);
  });

  test('has requests and responses by status and media type', async () => {
    const operation = await operationOf(
      { method: 'POST', headers: [json], body: '{"a":1}', response: { status: 201 } },
      {
        method: 'POST',
        headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
        body: 'a=1&b=x&b=y',
        response: { status: 400, headers: [['Content-Type', 'text/plain']], body: 'no' },
      },
    );
    expect(operation.requestBody?.required).toBe(true);
    expect(operation.requestBody?.content['application/x-www-form-urlencoded']).toEqual({
      schema: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'array', items: { type: 'string' } } },
        required: ['a', 'b'],
      },
      example: { a: 1, b: ['x', 'y'] },
    });
    expect(operation.responses).toEqual({
      201: { description: 'Created' },
      400: {
        description: 'Bad Request',
        content: { 'text/plain': { schema: { type: 'string' } } },
      },
    });
  });

  test('mentions a missing response', async () => {
    const { responses } = await operationOf({ response: null });
    expect(Object.keys(responses)).toEqual(['default']);
  });
});

describe('security', () => {
  const call = (...headers: Header[]) => documentOf([{ headers }]);

  test.each<[string, Header, object]>([
    ['bearerAuth', ['Authorization', 'Bearer abc'], { type: 'http', scheme: 'bearer' }],
    ['basicAuth', ['authorization', 'Basic YTpi'], { type: 'http', scheme: 'basic' }],
    [
      'authorization',
      ['Authorization', 'abc'],
      { type: 'apiKey', in: 'header', name: 'Authorization' },
    ],
    ['xApiKey', ['X-API-Key', 'abc'], { type: 'apiKey', in: 'header', name: 'X-API-Key' }],
  ])('has the scheme %s', async (name, header, scheme) => {
    const { components, paths } = await call(header);
    expect(components?.securitySchemes).toEqual({ [name]: scheme });
    expect(paths['/']?.get?.security).toEqual([{ [name]: [] }]);
  });

  test('is optional when some calls had none', async () => {
    const { paths } = await documentOf([
      { headers: [['Authorization', 'Bearer abc']] },
      { headers: [] },
    ]);
    expect(paths['/']?.get?.security).toEqual([{ bearerAuth: [] }, {}]);
  });

  test('values never reach the document', async () => {
    const text = await renderFormat(
      'openapi',
      [
        exchange({
          url: 'https://ada:s3cret-p4ss@a.test/x?api_key=s3cret-key&mine=s3cret-query',
          headers: [['Authorization', 'Bearer s3cret.token'], ['X-Mine', 's3cret-header'], json],
          method: 'POST',
          body: '{"mine":"s3cret-body"}',
        }),
      ],
      { redact: ['mine', 'x-mine', 'api_key'] },
    );
    expect(text.toString()).not.toContain('s3cret');
  });
});

describe('every recorded exchange fits the document', () => {
  test('of the hard recording', async () => {
    const exchanges: Exchange[] = [];
    for await (const one of hardRecording().read()) exchanges.push(one);
    expect(await countFitting(exchanges)).toBeGreaterThan(80);
  });

  test('of any recording', async () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const made = fc.record({
      path: fc.constantFrom('/users/1', '/users/2', '/users', '/users/me', '/a/b', '/a/{b}'),
      method: fc.constantFrom('GET', 'POST', 'DELETE'),
      query: fc.option(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), { nil: undefined }),
      sent: value,
      status: fc.constantFrom(200, 201, 404),
      answer: value,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 8 }), async (all) => {
        const exchanges = all.map(({ path, method, query, sent, status, answer }) =>
          exchange({
            url: `https://a.test${path}${query === undefined ? '' : `?${new URLSearchParams(query)}`}`,
            method,
            headers: [json],
            ...(method === 'GET' ? {} : { body: JSON.stringify(sent) }),
            response: { status, headers: [json], body: JSON.stringify(answer) },
          }),
        );
        expect(await countFitting(exchanges)).toBe(all.length);
      }),
      { numRuns: runs(20) },
    );
  });

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const coercing = new Ajv2020({ strict: false, validateFormats: false, coerceTypes: true });

  /** Checks each exchange that the document describes, and returns their number. */
  async function countFitting(exchanges: readonly Exchange[]): Promise<number> {
    const document = await documentOf(recordingOf(exchanges));
    let count = 0;
    for (const one of exchanges) {
      const operation = operationFor(document, one);
      if (operation === undefined) continue;
      count += 1;
      await expectFitting(operation, one);
    }
    return count;
  }

  function operationFor(document: OpenApiDocument, { request, webSocket }: Exchange) {
    if (webSocket !== undefined) return undefined;
    const path = /^\w+:\/\/[^/?]*([^?]*)/.exec(request.url)?.[1] || '/';
    const wanted = path.split('/').map(encoded);
    const method = request.method.toLowerCase() as Method;
    const fitting = Object.entries(document.paths).filter(([template, item]) => {
      const segments = template.split('/');
      return (
        item[method] !== undefined &&
        segments.length === wanted.length &&
        segments.every((segment, at) => segment === wanted[at] || /^\{.*\}$/.test(segment))
      );
    });
    // A path without parameters comes first (OpenAPI 3.1.1, 4.8.8.2).
    fitting.sort(([a], [b]) => a.split('{').length - b.split('{').length);
    return fitting[0]?.[1][method];
  }

  const encoded = (segment: string) =>
    segment.replace(/[{}#]|[^\x21-\x7e]/g, (character) => encodeURIComponent(character));

  async function expectFitting(
    operation: Operation,
    { request, outcome }: Exchange,
  ): Promise<void> {
    const check = (schema: JsonSchema | undefined, body: string) => {
      const validate = ajv.compile(schema ?? false);
      expect(validate(JSON.parse(body)), `${request.url} ${body}`).toBe(true);
    };
    const isJson = (headers: readonly Header[]) =>
      headers.some(([name, value]) => /^content-type$/i.test(name) && value === json[1]);
    const whole = request.body && !request.body.cut && request.body.encoding.length === 0;
    if (whole && isJson(request.headers)) {
      const body = Buffer.from(await request.body.bytes()).toString();
      if (isParsable(body)) check(operation.requestBody?.content[json[1]]?.schema, body);
    }
    const response = outcome.kind === 'completed' ? outcome.response : undefined;
    if (response === undefined) return;
    const answer = operation.responses[String(response.status)];
    expect(answer).toBeDefined();
    if (!response.body || response.body.cut || response.body.encoding.length > 0) return;
    const body = Buffer.from(await response.body.bytes()).toString();
    if (isJson(response.headers)) check(answer?.content?.[json[1]]?.schema, body);
    for (const [name, values] of queryOf(request.url)) {
      const parameter = operation.parameters?.find(
        (one) => one.in === 'query' && one.name === name,
      );
      expect(parameter, `${request.url} ${name}`).toBeDefined();
      const list = parameter?.schema.type === 'array';
      const data = { value: list ? values : values[0] };
      const schema = { properties: { value: parameter?.schema } };
      expect(coercing.validate(schema, data), `${name}=${values}`).toBe(true);
    }
  }

  function queryOf(url: string): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [name, value] of new URL(url).searchParams) {
      if (/api_key|token|[^ -~]/i.test(name)) continue;
      found.set(name, [...(found.get(name) ?? []), value]);
    }
    return found;
  }

  function isParsable(text: string): boolean {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }
});
