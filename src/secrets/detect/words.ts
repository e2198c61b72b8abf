/**
 * How sure a name makes it that its value is a secret, which decides what the value must look like:
 *
 * - `password`: what a person types; any value but a placeholder, numbers of four digits too
 * - `certain`: tokens and credentials; any value but a placeholder
 * - `likely`: sessions, signatures and what is merely called "auth"; values that no person made up as a word
 * - `digits`: one-time passwords and other short codes; values with a digit in them
 * - `pin`: a row of digits, beside the name of an account only
 * - `ticket`: tickets of CAS and other random ones, not the number of a ticket for the help desk
 * - `key`: nothing but "key", which is also what maps, caches and databases call their names; random values only
 * - `email`: what has an at sign in it
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
 * Where in a name the word makes a secret of it:
 *
 * - `whole`: the word is the name
 * - `word`: as a word of the name, in any spelling (`api_key`, `apiKey`, `API-KEY`)
 * - `start`, `end`, `either`: the same, and at this end of words that are run together (`accesstoken`, `PHPSESSID`)
 */
type Within = 'whole' | 'word' | 'start' | 'end' | 'either';

export type SecretWord = {
  /** In lower case; of several words with spaces between them. */
  readonly word: string;
  readonly certainty: Certainty;
  readonly within: Within;
};

/**
 * The words that make a name the name of a secret. This is the only list: what judges names, the filter that finds names
 * in a text, and the tests derive from it.
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

/** A piece of text that names of secrets have in them. */
export type NameStart = {
  readonly stem: string;
  /** It is also found inside of words that are run together. */
  readonly isJoined: boolean;
};

/** One of these is in every name of a secret: the words of the table without those in which another one is found. */
export const NAME_STARTS: readonly NameStart[] = SECRET_WORDS.filter(
  (entry) => !SECRET_WORDS.some((other) => other !== entry && isFoundIn(other, entry.word)),
).map(({ word, within }) => ({ stem: word, isJoined: isJoined(within) }));

function isFoundIn({ word: stem, within }: SecretWord, word: string): boolean {
  return isJoined(within) ? word.includes(stem) : ` ${word}`.includes(` ${stem}`);
}

function isJoined(within: Within): boolean {
  return within === 'end' || within === 'either';
}
