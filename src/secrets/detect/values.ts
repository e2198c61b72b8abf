import type { Certainty } from './words.ts';

/** Where a named value was found. */
export type ValuePlace = 'header' | 'query' | 'text';

/**
 * Whether a value can be the secret that its name suggests, so that `"token": true`, `key: "name"` and the labels of a
 * form stay legible.
 *
 * @param value decoded: without percent-encoding or JSON escapes
 * @param name the name of the value
 */
export function isSecretValue(
  value: string,
  certainty: Exclude<Certainty, 'flow'>,
  name: string,
  place: ValuePlace,
): boolean {
  const text = value.trim();
  // Most values named "key" are short names; this check is fast.
  if (certainty === 'key' && text.length < RANDOM_LENGTH) return false;
  if (certainty === 'email' && !text.includes('@')) return false;
  if (isPlaceholder(text) || isLabel(text, name)) return false;
  switch (certainty) {
    case 'password':
    case 'certain':
      return true;
    case 'digits':
      return isShortCode(text) || isLongCode(text);
    case 'pin':
      return /^\d{3,12}$/.test(text);
    case 'ticket':
      if (place === 'text') return CAS_TICKET.test(text) || isLongCode(text);
      return text.length >= 5 && !isPlain(text) && !NUMBERED.test(text);
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(text);
    case 'likely':
      return text.length >= 5 && !isPlain(text);
    case 'key':
      return isRandom(text) && (place !== 'text' || !UUID.test(text));
  }
}

/** A one-time password or similar code, as displayed for typing: `839201`, `839 201`, `4F7K-22QX`. */
function isShortCode(text: string): boolean {
  return /^(?:\d[\d -]{1,30}\d|(?=\D{0,30}\d)[\w-]{4,32})$/.test(text) && !isWords(text);
}

/** CAS Protocol 3.0, 3.1 to 3.7. */
const CAS_TICKET = /^(?:ST|PT|LT|PGT|PGTIOU|TGT|TGC)-\w/;

/** A help desk ticket number. */
const NUMBERED = /^[a-z]{1,10}[-_#]?\d{1,12}$/i;

/** A random value contains a long run of letters and digits that is not just letters followed by a number. */
function isLongCode(text: string): boolean {
  if (isPlain(text) || UUID.test(text)) return false;
  return text
    .split(/[^A-Za-z0-9+/=]/)
    .some(
      (part) => part.length >= 24 || (part.length >= 12 && /[a-z]\d+[a-z]|\d[a-z]+\d/i.test(part)),
    );
}

const EMPTY_WORDS = new Set([
  'true',
  'false',
  'null',
  'none',
  'nil',
  'undefined',
  'yes',
  'no',
  'on',
  'off',
  'n/a',
  'optional',
  'required',
  '[object object]',
]);

/** A variable, an empty value, a boolean, or a value already masked with asterisks. */
function isPlaceholder(text: string): boolean {
  if (text === '' || EMPTY_WORDS.has(text.toLowerCase())) return true;
  return /^(?:\{\{[^{}]*\}\}|[*•●.…#-]+|x{3,}|\[?<?redacted>?\]?|<[\w -]*>|\$\{[\w.]*\})$/i.test(
    text,
  );
}

const SENTENCE =
  /\b(?:is|are|was|must|be|too|should|required|invalid|cannot|can't|please|enter|your|our|incorrect|missing|least|forgot|reset|wrong|expired|the|not)\b/i;

/** The name itself, or a sentence about it: form translations and validation messages. */
function isLabel(text: string, name: string): boolean {
  if (letters(text) === letters(name) && /^[A-Z]?[a-z _-]+$|^[A-Z_]+$/.test(text)) return true;
  return /\s/.test(text) && SENTENCE.test(text);
}

function letters(text: string): string {
  return text
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
}

/** Values that people write: words, numbers, dates, addresses. */
function isPlain(text: string): boolean {
  return (
    isWords(text) ||
    /\s/.test(text) ||
    isNumberOrDate(text) ||
    isAddress(text) ||
    ALGORITHM.test(text)
  );
}

/** Signature algorithms: `HMAC-SHA256`, `sha1`, `RS256`. */
const ALGORITHM = /^(?:(?:hmac|rsa|ecdsa)[-_]?)?(?:md5|sha[-_]?\d{1,3}|[A-Z]{2}\d{3})$/i;

function isNumberOrDate(text: string): boolean {
  return /^[-+]?\d{1,13}(?:\.\d+)?$|^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/.test(
    text,
  );
}

function isAddress(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(text) || /^\/[\w./-]*$/.test(text);
}

/** A longer sequence of words is a passphrase. */
const WORDS_LENGTH = 24;

/** Whether a text is made of words of a dictionary or a program: `en-US`, `Content-Type`, `sortByName`. */
export function isWords(text: string): boolean {
  // Other marks, or more marks than words, suggest a value chosen to be hard to guess.
  if (text.length >= WORDS_LENGTH || /[^\w\s.,:;/'()-]/.test(text)) return false;
  const parts = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '');
  const letters = parts.join('').length;
  if (parts.length === 0 || text.length - letters > parts.length + 1) return false;
  return parts.length * 3 <= letters && parts.every(isWord);
}

function isWord(part: string): boolean {
  if (!/^[A-Z]?[a-z]{1,15}\d?$|^[A-Z]{1,15}$/.test(part)) return false;
  return !/[bcdfghjklmnpqrstvwxz]{5}/i.test(part) || part.length < 6;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const RANDOM_LENGTH = 16;

/** Whether a value looks random: long, with letters and digits mixed, not a path or a sentence. */
function isRandom(text: string): boolean {
  if (text.length < RANDOM_LENGTH || text.length > 512 || isPlain(text) || /[/\\:,;]/.test(text))
    return false;
  if (!/[a-z]/i.test(text) || !/\d/.test(text)) return false;
  if (/^[0-9a-f]+$/i.test(text)) return text.length >= 32;
  if (UUID.test(text)) return true;
  // `color-primary-500` and `item_2024_01_header` are words between separators.
  return text
    .split(/[-_.]/)
    .some((part) => part.length >= 12 && /\d/.test(part) && /[a-z]/i.test(part));
}

/** Shorter values are replaced only where their name identifies them. */
export const KNOWN_LENGTH = 8;

/**
 * Whether a secret can be searched for everywhere: it is long enough and unlikely to occur in a text by chance.
 */
export function isDistinctive(value: string): boolean {
  if (value.length < KNOWN_LENGTH || new Set(value.slice(0, 64)).size < 4) return false;
  if (/^[\d\s.,:/+-]+$/.test(value)) return value.replace(/\D/g, '').length >= 12;
  return value.includes('@') || !isWords(value);
}
