/** A string format (JSON Schema Validation, 7.3) and a test whether a text matches it. */
export type TextFormat = { readonly name: string; test(text: string): boolean };

const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const TIME =
  /^[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;
const URI =
  /^(?:https?|ftp|wss?):\/\/[\w.~:[\]@!$&'()*+,;=%-]+(?:[/?#][\w.~:/?#[\]@!$&'()*+,;=%-]*)?$/i;

const LONGEST = 2048;

const FORMATS: readonly TextFormat[] = [
  // RFC 3339, 5.6; a day that the month does not have is invalid.
  { name: 'date-time', test: (text) => isDay(text.slice(0, 10)) && TIME.test(text.slice(10)) },
  { name: 'date', test: isDay },
  { name: 'uuid', test: (text) => UUID.test(text) },
  { name: 'email', test: (text) => text.length <= LONGEST && EMAIL.test(text) },
  { name: 'uri', test: (text) => URI.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text) },
];

/** The formats that a text matches; most texts match none. */
export function textFormats(text: string): readonly TextFormat[] {
  return text.length > LONGEST ? [] : FORMATS.filter((format) => format.test(text));
}

function isDay(text: string): boolean {
  if (!DATE.test(text)) return false;
  const day = Number(text.slice(8));
  if (day <= 28) return true;
  // The last day of a month is the day before the first of the next.
  const month = new Date(0);
  month.setUTCFullYear(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0);
  return day <= month.getUTCDate();
}
