import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { answerTests } from '../../src/analysis/scripts/test-scripts.ts';

type Answer = Parameters<ReturnType<typeof answerTests>['see']>[0];

function json(value: unknown, parts: Partial<Answer> = {}): Answer {
  return { status: 200, type: 'application/json', text: JSON.stringify(value), ...parts };
}

function scriptFor(...answers: readonly Answer[]): string {
  const tests = answerTests();
  for (const answer of answers) tests.see(answer);
  return tests.lines([]).join('\n');
}

test('a script reads as if a person had written it', () => {
  const tests = answerTests();
  const id = '0b1f4d1c-8d52-4a6e-9f0e-2f3a4b5c6d7e';
  tests.see(
    json(
      { id, name: "Ada's lamp", price: 18, createdAt: '2024-05-01T10:00:00.000Z', tags: ['new'] },
      { status: 201 },
    ),
  );
  expect(
    tests.lines([{ variable: 'product_id', source: { in: 'json', path: ['id'] } }]).join('\n'),
  ).toMatchInlineSnapshot(`
      "pm.test('Status is 201 Created', () => {
        pm.response.to.have.status(201);
      });

      pm.test('Content-Type is application/json', () => {
        pm.expect(pm.response.headers.get('Content-Type')).to.include('application/json');
      });

      pm.test('Body has the recorded shape', () => {
        pm.response.to.have.jsonSchema({
          type: 'object',
          required: ['id', 'name', 'price', 'createdAt', 'tags'],
          properties: {
            id: { type: 'string', format: 'uuid' },
            name: { type: 'string' },
            price: { type: 'number' },
            createdAt: { type: 'string', format: 'date-time' },
            tags: { type: 'array', items: { type: 'string' } },
          },
        });
      });

      pm.test('Body has the recorded values', () => {
        const body = pm.response.json();
        pm.expect(body.name).to.equal('Ada\\'s lamp');
        pm.expect(body.price).to.equal(18);
      });

      // Requests further down use this.
      pm.collectionVariables.set('product_id', pm.response.json().id);"
    `);
});

test('values that differed between calls are not asserted', () => {
  const script = scriptFor(
    json({ name: 'a', total: 1, state: 'open' }),
    json({ name: 'a', total: 2, note: null }, { status: 203 }),
    json({ name: 'a', total: 1, state: 'open' }),
  );
  expect(script).toContain('pm.expect(pm.response.code).to.be.oneOf([200, 203]);');
  expect(script).toContain("required: ['name', 'total']");
  expect(script).toContain("pm.expect(body.name).to.equal('a');");
  expect(script).not.toMatch(/body\.(?:total|state|note)/);
});

test('the shape allows for differences: null, other types, missing members, fractions', () => {
  const script = scriptFor(
    json({ a: 'x', b: null, c: 1, d: [{ e: 1 }, { e: 2.5, f: true }], g: null }),
    json({ a: null, b: null, c: '1', d: [], g: { h: 1 } }),
  );
  expect(script).toContain("required: ['a', 'b', 'c', 'd', 'g']");
  expect(script).toContain("a: { type: ['string', 'null'] }");
  expect(script).toContain("c: { type: ['string', 'number'] }");
  expect(script).toMatch(/d: \{[^}]*required: \['e'\],\s*properties: \{ e: \{ type: 'number' \}/);
  expect(script).toMatch(/g: \{\s*type: \['object', 'null'\]/);
  expect(script).not.toContain('b:');
});

test.each(['ada@example.com', 'https://example.com/a', '2024-05-01'])(
  'the shape does not require a format that people enter: %s',
  (value) => expect(scriptFor(json({ value }))).toContain("value: { type: 'string' }"),
);

test('the shape of a very deep response is limited', () => {
  const deep = JSON.parse(`${'[{"a":'.repeat(1000)}1${'}]'.repeat(1000)}`);
  expect(scriptFor(json(deep)).length).toBeLessThan(1000);
});

test.each([
  ['userId', 17],
  ['id', 'ada'],
  ['issued', 1_714_557_600],
  ['issued', 1_714_557_600_123],
  ['day', '2024-05-01'],
  ['updatedAt', 'yesterday'],
  ['last', 'Wed, 01 May 2024 10:00:00 GMT'],
  ['value', 'q7Rk2mX9vB4tL0pZ'],
  ['accessToken', 'abc'],
  ['link', 'https://api.test/a'],
  ['uptime', 3],
  ['text', 'two\nlines'],
  ['nothing', null],
])('%s: %j may differ next time', (name, value) => {
  expect(scriptFor(json({ [name]: value }))).not.toContain('to.equal');
});

test('a script contains no secret value', () => {
  const answer = json({ pin: 123456, word: 'swordfish', name: 'Ada' });
  const redacted = '{"pin":{{pin}},"word":"{{word}}","name":"Ada"}';
  const script = scriptFor({ ...answer, redacted });
  expect(script).not.toMatch(/123456|swordfish|\{\{/);
  expect(script).toContain("pm.expect(body.name).to.equal('Ada');");
});

test('tables are not written out when their names are ids or numerous', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`name${n}`, {}]));
  expect(scriptFor(json({ users: { 'ada@a.test': {}, 17: {} }, many }))).not.toMatch(/ada|name1/);
});

test('a response that is not JSON is asserted by status and type, or by status alone without a type', () => {
  expect(scriptFor({ status: 200, type: 'text/html', text: '<p>' })).not.toMatch(/shape|json/);
  expect(scriptFor({ status: 204 })).not.toContain('Content-Type');
  expect(scriptFor(json({ a: 1 }), { status: 200, type: 'text/html' })).not.toMatch(/shape|html/);
});

test('a script is JavaScript whatever the names and values are', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to be text
  const odd = '\'\\\n\u2028</script>"`${x}';
  const tests = answerTests();
  tests.see(json({ [odd.slice(0, 2)]: 'a\\b', 'with space': "it's", __proto__x: true, $a: odd }));
  const script = tests.lines([
    { variable: 'a', source: { in: 'json', path: ['odd name', 0, odd] } },
    { variable: 'b', source: { in: 'input', name: '"]\'' } },
    { variable: 'c', source: { in: 'location' } },
  ]);
  const titles: string[] = [];
  const pm = {
    test: (title: string) => titles.push(title),
    response: {
      json: () => ({ 'odd name': [{ [odd]: 'found' }] }),
      text: () => '',
      headers: { get: () => '/a/b?c' },
    },
    collectionVariables: { set: (name: string, value: unknown) => titles.push(`${name}=${value}`) },
  };
  const require = () => ({ load: () => () => ({ val: () => 'input' }) });
  runInNewContext(script.join('\n'), { pm, require });
  expect(titles).toEqual(expect.arrayContaining(['a=found', 'b=input', 'c=b']));
});
