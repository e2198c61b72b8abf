import type { Auth } from '../collection.ts';
import { textOf } from '../json/object.ts';

type Field = readonly [name: string, value: string];

/** What an auth helper adds to a request. */
export type Added = { readonly headers: readonly Field[]; readonly query: readonly Field[] };

const NOTHING: Added = { headers: [], query: [] };

/** The value of an attribute as text; empty if missing. */
export function attributeOf(auth: Auth, key: string): string {
  return textOf(auth.attributes.find((attribute) => attribute.key === key)?.value);
}

/**
 * What an auth helper sends, if it is known in advance: `basic` with values, `bearer`, `apikey`, and `oauth2` with a
 * token. Helpers that sign each request (AWS, Hawk, OAuth 1, Digest, NTLM, JWT) add nothing.
 *
 * @param resolve replaces variables with their values
 */
export function addedBy(auth: Auth, resolve: (text: string) => string): Added {
  const value = (key: string) => resolve(attributeOf(auth, key));
  switch (auth.type) {
    case 'basic':
      return authorization(`Basic ${basicCredentials(value('username'), value('password'))}`);
    case 'bearer':
      return value('token') === '' ? NOTHING : authorization(`Bearer ${value('token')}`);
    case 'apikey':
      return placed([value('key'), value('value')], value('in') === 'query');
    case 'oauth2': {
      const token = value('accessToken');
      if (token === '') return NOTHING;
      if (value('addTokenTo') === 'queryParams') return placed(['access_token', token], true);
      // An empty prefix means no prefix; a missing one means Bearer.
      const given = auth.attributes.find(({ key }) => key === 'headerPrefix')?.value;
      const prefix = given == null ? 'Bearer' : resolve(textOf(given)).trim();
      return authorization(`${prefix} ${token}`.trimStart());
    }
    default:
      return NOTHING;
  }
}

/** Whether what an auth helper sends is known in advance. */
export function isStatic(auth: Auth): boolean {
  if (auth.type === 'oauth2') return attributeOf(auth, 'accessToken') !== '';
  return ['basic', 'bearer', 'apikey', 'noauth'].includes(auth.type);
}

function authorization(value: string): Added {
  return { headers: [['Authorization', value]], query: [] };
}

function placed(field: Field, inQuery: boolean): Added {
  if (field[0] === '') return NOTHING;
  return inQuery ? { headers: [], query: [field] } : { headers: [field], query: [] };
}

/** RFC 7617, 2. Unresolved variables must stay legible, so the pair is then not encoded. */
function basicCredentials(user: string, password: string): string {
  const pair = `${user}:${password}`;
  return pair.includes('{{') ? pair : Buffer.from(pair).toString('base64');
}
