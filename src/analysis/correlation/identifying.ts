/**
 * Values that stand for one thing and no other, and that a server makes up: ids and tokens. Two kinds are told apart.
 * An opaque value is the same thing wherever it stands (`ord_8f14e45fce`, a UUID, a token). A plain one (`17`) only
 * counts together with what it is the id of.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TOKEN_LIKE = /^[\w.~+/=:|-]{8,4096}$/;
const DATE_LIKE = /^\d{4}-\d\d(?:-\d\d)?(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/;
const VERSION_LIKE = /^v?\d+(?:\.\d+){1,3}(?:-[a-z]+[.\d]*)?$/;

/** Tells whether a text is an opaque id or token: nothing that a person would have thought of. */
export function isOpaque(value: string): boolean {
  if (UUID.test(value)) return true;
  if (!TOKEN_LIKE.test(value) || DATE_LIKE.test(value) || VERSION_LIKE.test(value)) return false;
  if (value.includes('://') || value.startsWith('/')) return false;
  const digits = value.replace(/\D/g, '').length;
  if (digits === value.length) return digits >= 12;
  // Words, also joined ones (`order-history`), have no digits, or few at their end (`page-12`, `sha256`).
  if (digits === 0) return value.length >= 20 && /[a-z]/.test(value) && /[A-Z]/.test(value);
  return !/^[a-zA-Z]+(?:[-_.][a-zA-Z]+)*[-_.]?\d{1,4}$/.test(value);
}

/** Tells whether a member of this name holds an id: `id`, `_id`, `userId`, `user_id`, `uuid`. */
export function isIdName(name: string): boolean {
  return (
    /^_?(?:id|uuid|guid)$/i.test(name) || /(?:[a-z0-9](?:Id|ID)|_id|-id|Uuid|_uuid)$/.test(name)
  );
}

/** What an id of this name is the id of (`userId`, `user_id`: `user`); undefined where the name alone does not tell. */
export function ownerInName(name: string): string | undefined {
  const owner = /^(.+?)[-_]?(?:id|ID|Id|uuid|Uuid)$/.exec(name)?.[1];
  return owner === undefined || owner === '_' ? undefined : wordOf(owner);
}

/** A word as it is compared: the last one of several, in lower case, in the singular (`lineItems`: `item`). */
export function wordOf(text: string): string {
  const last = text.split(/[-_. ]|(?<=[a-z0-9])(?=[A-Z])/).findLast((part) => part !== '') ?? '';
  return singular(last.toLowerCase());
}

/** An English noun in the singular, as far as its ending tells. */
export function singular(word: string): string {
  if (word.length < 4 || /(?:ss|us|is|news|series)$/i.test(word)) return word;
  if (/ies$/i.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|[bntr]us)es$/i.test(word)) return word.slice(0, -2);
  return /s$/i.test(word) ? word.slice(0, -1) : word;
}
