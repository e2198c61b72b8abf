/**
 * Values that a server generates to identify exactly one thing: ids and tokens. There are two kinds.
 * An opaque value means the same thing everywhere (`ord_8f14e45fce`, a UUID, a token). A plain value (`17`) only
 * counts together with the kind of thing it identifies.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TOKEN_LIKE = /^[\w.~+/=:|-]{8,4096}$/;
const DATE_LIKE = /^\d{4}-\d\d(?:-\d\d)?(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/;
const VERSION_LIKE = /^v?\d+(?:\.\d+){1,3}(?:-[a-z]+[.\d]*)?$/;

/** Whether a text is an opaque id or token, unlike anything that a person would choose. */
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

/** Whether a member of this name holds an id: `id`, `_id`, `userId`, `user_id`, `uuid`. */
export function isIdName(name: string): boolean {
  return (
    /^_?(?:id|uuid|guid)$/i.test(name) || /(?:[a-z0-9](?:Id|ID)|_id|-id|Uuid|_uuid)$/.test(name)
  );
}

/** The kind of thing that an id of this name identifies (`userId`, `user_id`: `user`); undefined if the name is not enough. */
export function ownerInName(name: string): string | undefined {
  const owner = /^(.+?)[-_]?(?:id|ID|Id|uuid|Uuid)$/.exec(name)?.[1];
  return owner === undefined || owner === '_' ? undefined : wordOf(owner);
}

/** A word normalised for comparison: the last of several, in lower case and singular (`lineItems`: `item`). */
export function wordOf(text: string): string {
  const last = text.split(/[-_. ]|(?<=[a-z0-9])(?=[A-Z])/).findLast((part) => part !== '') ?? '';
  return singular(last.toLowerCase());
}

/** The singular of an English noun, judged by its ending. */
export function singular(word: string): string {
  if (word.length < 4 || /(?:ss|us|is|news|series)$/i.test(word)) return word;
  if (/ies$/i.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|[bntr]us)es$/i.test(word)) return word.slice(0, -2);
  return /s$/i.test(word) ? word.slice(0, -1) : word;
}
