import type { Auth } from '../collection.ts';
import { textOf } from '../json/object.ts';
import { isVariable } from '../secrets/spans.ts';
import { extraTreated, type Treatment, treatedMembers } from './redacted-members.ts';

/** Attributes of auth helpers that are always secret, by their names in postman-collection. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  akamai: ['accessToken', 'clientToken', 'clientSecret'],
  asap: ['privateKey'],
  awsv4: ['accessKey', 'secretKey', 'sessionToken'],
  basic: ['password'],
  digest: ['password'],
  edgegrid: ['accessToken', 'clientToken', 'clientSecret'],
  hawk: ['authKey'],
  jwt: ['secret', 'privateKey'],
  ntlm: ['password'],
  oauth1: ['consumerSecret', 'tokenSecret', 'token', 'privateKey'],
  oauth2: ['accessToken', 'refreshToken', 'clientSecret', 'password'],
};

/** Attributes are classified by name; an API key by its own name. */
export function treatedAuth(auth: Auth, secrets: Treatment): Auth {
  const { type, attributes } = auth;
  const header = type === 'apikey' ? attributes.find(({ key }) => key === 'key')?.value : undefined;
  const treated = (key: string, value: string): string => {
    if (value.trim() === '' || isVariable(value)) return value;
    if (type === 'bearer' && key === 'token')
      return secrets.header(['Authorization', `Bearer ${value}`])[1].slice('Bearer '.length);
    if (type === 'apikey' && key === 'value')
      return certain(apiKeyName(textOf(header)), value, secrets);
    return SECRETS[type]?.includes(key) ? certain(key, value, secrets) : secrets.field(key, value);
  };
  return {
    ...auth,
    attributes: attributes.map((attribute) => {
      const { key, value } = attribute;
      if (typeof value === 'string') return { ...attribute, value: treated(key, value) };
      return { ...attribute, value: treatedMembers(value, secrets, key) };
    }),
    ...extraTreated(auth, secrets),
  };
}

/** A value that is secret by position, whatever its name. */
function certain(name: string, value: string, secrets: Treatment): string {
  const written = secrets.field(name, value);
  return written === value ? secrets.field(`${name}_secret`, value) : written;
}

/** An API key is secret, whatever its name. */
function apiKeyName(name: string): string {
  return /key|token|secret|auth/i.test(name) ? name : 'api_key';
}
