import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Recording } from '../../src/exchange.ts';
import { endpointsIn, operationsIn, renderAs } from '../helpers/collections.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';

async function bothOf(recording: Recording) {
  const collection = await renderAs('postman', recording, { shape: 'endpoints' });
  const document = await renderAs('openapi', recording);
  return {
    endpoints: endpointsIn(JSON.parse(collection)),
    operations: operationsIn(parse(document)),
  };
}

function json(url: string, value: unknown, parts: ExchangeParts = {}): ExchangeParts {
  const headers = [['Content-Type', 'application/json']] as const;
  return { url, response: { headers, body: JSON.stringify(value) }, ...parts };
}

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.Gfx6VO9tcxwk6xqx9yYzSfebfeakZp5JYIgP';
const person = { name: 'x', mail: 'y', age: 3 };
const calls: Record<string, ExchangeParts[]> = {
  'names of things whose answers look alike': ['ada', 'bob', 'eve'].map((name) =>
    json(`http://api.test/users/${name}`, person),
  ),
  'words whose answers have few names': ['ada', 'bob', 'eve'].map((name) =>
    json(`http://api.test/users/${name}`, { data: name }),
  ),
  'words that things were sent to': ['ada', 'bob', 'eve'].map((name) =>
    json(`http://api.test/users/${name}`, person, { method: 'POST' }),
  ),
  'answers of several methods to one path': ['ada', 'bob', 'eve'].flatMap((name) => [
    json(`http://api.test/users/${name}`, { ...person, [name]: 1 }, { method: 'PUT' }),
    json(`http://api.test/users/${name}`, person),
  ]),
  'answers that do not say that they are JSON': ['ada', 'bob', 'eve'].map((name) => ({
    url: `http://api.test/users/${name}`,
    response: { body: JSON.stringify(person) },
  })),
  'secrets in paths': [
    { url: `http://api.test/verify/${JWT}` },
    { url: `http://api.test/verify/${JWT.replace('Gfx', 'Hgy')}?token=s3cr3tValue99` },
    { url: 'http://api.test/users/ada@lovelace.example' },
  ],
  'several hosts': [
    json('http://a.test/reports/17', {}),
    json('http://a.test/reports/2024-01-31', {}),
    json('https://b.test:8443/reports/v2', {}),
    json('https://b.test:8443/', {}),
  ],
};

test.each(Object.entries(calls))(
  'endpoints and OpenAPI have the same templates: %s',
  async (_, parts) => {
    const { endpoints, operations } = await bothOf(recordingOf(parts.map(exchange)));
    expect(endpoints.length).toBeGreaterThan(0);
    expect(endpoints).toEqual(operations);
  },
);
