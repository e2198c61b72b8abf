import { hasVariable } from '../collection/spans.ts';
import type { Auth } from '../collection.ts';
import { textOf } from '../json/object.ts';
import { extraTreated, type Treatment, treatedMembers } from './redacted-members.ts';

/** Attributes go by their names; of an API key its own name says what it is. */
export function treatedAuth(auth: Auth, secrets: Treatment): Auth {
  const { type, attributes } = auth;
  const header = type === 'apikey' ? attributes.find(({ key }) => key === 'key')?.value : undefined;
  const treated = (key: string, value: string): string => {
    if (value.trim() === '' || hasVariable(value)) return value;
    if (type === 'bearer' && key === 'token')
      return secrets.header(['Authorization', `Bearer ${value}`])[1].slice('Bearer '.length);
    if (type !== 'apikey') return secrets.field(key, value);
    return key === 'value' ? secrets.field(apiKeyName(textOf(header)), value) : value;
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

/** Whatever the key is called, its value is one. */
function apiKeyName(name: string): string {
  return /key|token|secret|auth/i.test(name) ? name : 'api_key';
}
