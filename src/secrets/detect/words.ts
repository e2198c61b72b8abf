/**
 * How strongly a name suggests that its value is a secret, which determines the values that are accepted:
 *
 * - `password`: typed by a person; any value but a placeholder, including numbers of four digits
 * - `certain`: tokens and credentials; any value but a placeholder
 * - `likely`: sessions, signatures and names with just "auth"; values that are not made of words
 * - `digits`: one-time passwords and other short codes; values with a digit in them
 * - `pin`: a sequence of digits, only beside an account name
 * - `ticket`: CAS tickets and other random tickets, not help desk ticket numbers
 * - `key`: just "key", which is also used in maps, caches and databases; random values only
 * - `email`: values that contain an at sign
 * - `flow`: `state` and `code`, secret in an OAuth exchange (RFC 6749, 4.1) and judged as `key` elsewhere
 */
export type Certainty =
  | 'password'
  | 'certain'
  | 'likely'
  | 'digits'
  | 'pin'
  | 'ticket'
  | 'key'
  | 'email'
  | 'flow';

/**
 * Where the word must be in a name to make its value a secret:
 *
 * - `whole`: the word is the name
 * - `word`: a word of the name, in any spelling (`api_key`, `apiKey`, `API-KEY`)
 * - `start`, `end`, `either`: also at this end of words that are run together (`accesstoken`, `PHPSESSID`)
 */
type Within = 'whole' | 'word' | 'start' | 'end' | 'either';

export type SecretWord = {
  /** In lower case; several words are separated by spaces. */
  readonly word: string;
  readonly certainty: Certainty;
  readonly within: Within;
};

/**
 * The words that mark a name as the name of a secret. This is the only list: the classifier of names, the filter that
 * finds names in a text, and the tests derive from it.
 */
export const SECRET_WORDS: readonly SecretWord[] = [
  ...words('password', 'either', 'passwd password'),
  ...words('password', 'end', 'pwd'),
  ...words('password', 'word', 'passcode passphrase passwords'),
  ...words('password', 'whole', 'pass'),
  ...words('certain', 'either', 'bearer csrf jwt saml xsrf'),
  ...words('certain', 'start', 'accesstoken'),
  ...words('certain', 'end', 'apikey credential secret token'),
  ...words('certain', 'word', 'authorization credentials secrets tokens'),
  ...words('certain', 'whole', 'assertion cookie'),
  ...['client assertion', 'client id', 'code challenge', 'code verifier', 'set cookie'].map(
    (word): SecretWord => ({ word, certainty: 'certain', within: 'whole' }),
  ),
  ...words('likely', 'either', 'sessionid'),
  ...words('likely', 'start', 'oauth'),
  ...words('likely', 'end', 'auth hmac sessid session sid signature'),
  ...words('likely', 'word', 'sessions sig sso'),
  ...words('digits', 'end', 'otp'),
  ...words('digits', 'word', 'cvc cvv hotp mpin totp'),
  ...words('pin', 'word', 'pin'),
  { word: 'pin number', certainty: 'pin', within: 'whole' },
  ...words('ticket', 'word', 'ticket'),
  ...words('key', 'end', 'key'),
  ...words('key', 'word', 'keys'),
  ...words('email', 'word', 'email'),
  ...words('flow', 'whole', 'code state'),
];

function words(certainty: Certainty, within: Within, list: string): SecretWord[] {
  return list.split(' ').map((word) => ({ word, certainty, within }));
}

/** A piece of text that names of secrets contain. */
export type NameStart = {
  readonly stem: string;
  /** Whether it is also found inside words that are run together. */
  readonly isJoined: boolean;
};

/** Every name of a secret contains one of these: the words of the table, except words that contain another one. */
export const NAME_STARTS: readonly NameStart[] = SECRET_WORDS.filter(
  (entry) => !SECRET_WORDS.some((other) => other !== entry && isFoundIn(other, entry.word)),
).map(({ word, within }) => ({ stem: word, isJoined: isJoined(within) }));

function isFoundIn({ word: stem, within }: SecretWord, word: string): boolean {
  return isJoined(within) ? word.includes(stem) : ` ${word}`.includes(` ${stem}`);
}

function isJoined(within: Within): boolean {
  return within === 'end' || within === 'either';
}
