import { describe, expect, test } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import { isDistinctive } from '../../src/secrets/detect/values.ts';
import { redactExchange } from '../../src/secrets/redact/recording.ts';
import { createSecrets, type Secrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';
import { exchange } from '../helpers/exchanges.ts';
import { fc, runs } from '../helpers/properties.ts';

type Redaction = { readonly secrets: Secrets; readonly environment: Map<string, string> };

function redaction(): Redaction {
  const environment = new Map<string, string>();
  const secrets = createSecrets({
    mode: 'env',
    names: variableNames([]),
    onSecret: (name, value) => environment.set(name, value),
  });
  return { secrets, environment };
}

/** What a runner does with variables. */
function filledIn(text: string, environment: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (braced, name: string) => environment.get(name) ?? braced);
}

const name = fc.constantFrom(
  ...['password', 'token', 'api_key', 'author', 'id', 'state', 'key', 'email', 'x', 'session'],
  ...['access_token', 'code', 'client_id', 'note', 'a b', 'ünï', 'keyboard', 'max_tokens'],
);

// Without double braces, which stand for variables.
const plain = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replace(/[{}]/g, ''));

const value = fc.oneof(
  plain,
  fc.stringMatching(/^[A-Za-z0-9+/=_.-]{8,40}$/),
  fc.constantFrom(
    'Bearer abcdef123456',
    'a%2Fb c',
    '"quoted\\',
    'eyJhbGciOi.eyJzdWIi.c2ln',
    'true',
  ),
  fc.constantFrom('4111111111111111', 'same-s3cret-value', 'x same-s3cret-value y', 'ada@a.test'),
);

const json = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    value,
    fc.integer(),
    fc.constantFrom(true, false, null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(name, tie('node'), { maxKeys: 5 }),
  ),
})).node;

const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
const formOf = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map((pair) => pair.map((part) => encodeURIComponent(part)).join('=')).join('&');

const wellFormed = (text: string) =>
  !/[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''));

/** Header lines as the wire has them: Latin-1, nothing that frames them. */
const headers = fc.array(
  fc.tuple(
    fc.constantFrom('Authorization', 'Cookie', 'X-Api-Key', 'X-Note', 'Referer', 'Accept'),
    fc.stringMatching(/^[ -z|~]{0,40}$/).map((text) => text.trim()),
  ),
  { maxLength: 4 },
);

const request = fc
  .record({
    headers,
    query: fields,
    body: fc.oneof(
      json.map((one) => JSON.stringify(one)),
      plain,
      fields.map(formOf),
    ),
  })
  .filter(({ query, body }) => wellFormed(body) && query.every((pair) => pair.every(wellFormed)))
  .map(({ headers: lines, query, body }) => {
    const type = body.startsWith('{') ? 'application/json' : 'text/plain';
    const all: Header[] = [['Content-Type', type], ...lines];
    return exchange({ url: `http://api.test/a?${formOf(query)}`, headers: all, body });
  });

async function written({ request: { url, headers: lines, body } }: Exchange): Promise<string[]> {
  const text = Buffer.from((await body?.bytes()) ?? []).toString();
  return [url, ...lines.map(([, line]) => line), text];
}

describe('redaction', () => {
  test('restores the bytes of the request with the values of the environment', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (original) => {
        const { secrets, environment } = redaction();
        const redacted = await written(await redactExchange(original, secrets));
        const filled = redacted.map((text) => filledIn(text, environment));
        expect(filled).toEqual(await written(original));
      }),
      { numRuns: runs(300) },
    );
  });

  test('does not change redacted text again', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (original) => {
        const { secrets } = redaction();
        const once = await redactExchange(original, secrets);
        const twice = await redactExchange(once, secrets);
        expect(await written(twice)).toEqual(await written(once));
        const anew = await redactExchange(once, redaction().secrets);
        expect(await written(anew)).toEqual(await written(once));
      }),
      { numRuns: runs(300) },
    );
  });

  test('keeps the shape of JSON', () => {
    fc.assert(
      fc.property(json, (original) => {
        const { secrets } = redaction();
        const text = JSON.stringify(original);
        const redacted = secrets.text(text, 'application/json');
        // A number has no quotes, and neither has its variable.
        const readable = redacted.replace(/(:)(\{\{\w+\}\})(?=[,}\]])/g, '$1"$2"');
        expect(shapeOf(JSON.parse(readable))).toEqual(shapeOf(JSON.parse(text)));
      }),
      { numRuns: runs(500) },
    );
  });

  test('keeps the order of the fields of a form', () => {
    fc.assert(
      fc.property(fields, (pairs) => {
        if (!pairs.every((pair) => pair.every(wellFormed))) return;
        const form = formOf(pairs);
        const redacted = redaction().secrets.text(form, 'application/x-www-form-urlencoded');
        const keys = (text: string) => text.split('&').map((pair) => pair.replace(/=.*/s, ''));
        expect(keys(redacted)).toEqual(keys(form));
      }),
      { numRuns: runs(300) },
    );
  });

  test('replaces a distinctive value everywhere and in every encoding', () => {
    const secret = fc
      .stringMatching(/^[A-Z][a-z]\d[!-z|~]{8,20}$/)
      .filter((text) => !/[{}]/.test(text) && isDistinctive(text));
    fc.assert(
      fc.property(secret, (password) => {
        const { secrets } = redaction();
        secrets.learning.json(JSON.stringify({ password }));
        const escaped = JSON.stringify(password).slice(1, -1);
        const base64 = Buffer.from(`user:${password}`).toString('base64');
        for (const form of [password, encodeURIComponent(password), escaped, base64]) {
          expect(secrets.text(`before ${form} after`)).toMatch(/^before \{\{\w+\}\} after$/);
        }
      }),
      { numRuns: runs(200) },
    );
  });
});

function shapeOf(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shapeOf);
  if (typeof node !== 'object' || node === null)
    return typeof node === 'number' ? 'string' : typeof node;
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, shapeOf(child)]));
}
