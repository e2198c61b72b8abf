import type { Auth, Field } from './call.ts';

/** What an auth helper adds to a request. */
export type Added = { readonly headers: readonly Field[]; readonly query: readonly Field[] };

const NOTHING: Added = { headers: [], query: [] };

/**
 * What an auth helper sends. Helpers that sign each request anew (AWS, Hawk, OAuth 1, Digest, NTLM) add nothing: what
 * they sent cannot be known.
 *
 * @param resolve puts the values of variables in
 */
export function addedBy(auth: Auth | undefined, resolve: (text: string) => string): Added {
  if (auth === undefined) return NOTHING;
  const value = (name: string) => resolve(auth.values.get(name) ?? '');
  switch (auth.type) {
    case 'basic':
      return authorization(`Basic ${basicCredentials(value('username'), value('password'))}`);
    case 'bearer':
      return authorization(`Bearer ${value('token')}`);
    case 'apikey':
      return placed([value('key'), value('value')], value('in') === 'query');
    case 'oauth2': {
      const token = value('accessToken');
      if (value('addTokenTo') === 'queryParams') return placed(['access_token', token], true);
      return authorization(`${value('headerPrefix').trim() || 'Bearer'} ${token}`);
    }
    default:
      return NOTHING;
  }
}

function authorization(value: string): Added {
  return { headers: [['Authorization', value]], query: [] };
}

function placed(field: Field, inQuery: boolean): Added {
  if (field[0] === '') return NOTHING;
  return inQuery ? { headers: [], query: [field] } : { headers: [field], query: [] };
}

/** RFC 7617, 2. A variable without a value has to stay legible, which it would not in base64. */
function basicCredentials(user: string, password: string): string {
  const pair = `${user}:${password}`;
  return pair.includes('{{') ? pair : Buffer.from(pair).toString('base64');
}
