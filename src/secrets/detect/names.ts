import { type Certainty, SECRET_WORDS, type SecretWord } from './words.ts';

/** Names whose value is public regardless of their words. */
const PUBLIC_NAMES = new Set([
  'idempotencykey',
  'proxyauthenticate',
  'secwebsocketaccept',
  'secwebsocketkey',
  'surrogatekey',
  'wwwauthenticate',
]);

/** Names that are secret as a whole, regardless of their words. */
const WHOLE_NAMES = new Map(certainties(({ within }) => within === 'whole'));

/** Words that mark the name of a secret anywhere in it, unless a word of `FACTS` follows. */
const WORDS = new Map(certainties(({ within }) => within !== 'whole'));

/** Those that are also found where words are run together in lower case: `csrfmiddlewaretoken`, `PHPSESSID`. */
const STARTS = certainties(({ within }) => within === 'start' || within === 'either');
const ENDS = certainties(({ within }) => within === 'end' || within === 'either');

function certainties(isOne: (entry: SecretWord) => boolean): [string, Certainty][] {
  return SECRET_WORDS.filter(isOne).map(({ word, certainty }) => [word, certainty]);
}

/** Words for facts about a secret that do not reveal it: `token_type`, `password_hint`, `sessionCount`. */
const FACTS = new Set(
  `age agent algorithm alg at attempts class count country created date description domain duration enabled end
  endpoint error event exists expire expires expiration expiry field format header hint in index issuer kind label
  language lastused length level lifetime limit link location max message method min mode name needed number on owner
  page param parameter path policy position prefix provider required reset role rule rules scheme scope scopes screen
  set size source start status strength subject suffix text time timeout timestamp title ttl type types uri url usage
  used user username valid validity version`.split(/\s+/),
);

/** Words that turn a name into a flag (`hasPassword`, `access-control-allow-credentials`) or an amount (`max_tokens`). */
const QUESTIONS = new Set(
  'allow allows enable has is needs require requires show supports use uses'.split(' '),
);
const AMOUNTS = new Set(
  'cached completion input max min num output prompt reasoning total used'.split(' '),
);

/** Words that may follow a key: `api_key_value`. */
const KEY_CARRIERS = new Set('base64 data new old string value'.split(' '));

/** Words that mark a key as a credential; without one of these the value must look random. */
const KEY_KINDS = new Set(
  'access account api app application auth client consumer crypto developer encryption function license master private rsa secret service session shared sign signing ssh storage subscription token'.split(
    ' ',
  ),
);

/** Keys of data, which are public. */
const DATA_KEYS = new Set(
  'cache column composite dedupe end evaluated foreign group hash hot i18n index issue localization map message next object page parent partition primary project public publishable range registry row shortcut sort start translation'.split(
    ' ',
  ),
);

/** Pagination tokens, which grant no access by themselves. */
const PAGING =
  `continuation continue cursor delta iterator next page pages pagination paging prev previous scroll skip
  sync`.split(/\s+/);

/** Words that follow `pin` in the PIN of an account: `pin_number`. */
const PIN_CARRIERS = new Set('again confirm confirmation new number old repeat value'.split(' '));

/** PINs that do not require an account name beside them. */
const PIN_KINDS = new Set(
  'access account atm card current login new old security transaction user'.split(' '),
);

/** Codes that a person is sent or shown to log in. */
const CODE_KINDS = new Set(
  'backup factor login mfa otp recovery security sms tfa twofactor verification'.split(' '),
);

/** Words that end like a secret's name but are not one: `monkey`, `inside`, `reside`. */
const ORDINARY = new Set(
  'aside beside donkey hockey hotkey inside jockey keyboard latchkey monkey passkey outside oversized reside turkey whiskey'.split(
    ' ',
  ),
);

/**
 * Classifies whether values with this name are secret.
 *
 * @param name of a header, a query or form field, a JSON key, an element; in any spelling (`api_key`, `apiKey`, `X-API-Key`)
 * @returns undefined for a name that does not suggest a secret
 */
export function certaintyOf(name: string): Certainty | undefined {
  const words = wordsOf(name);
  if (PUBLIC_NAMES.has(words.join(''))) return undefined;
  const known = WHOLE_NAMES.get(words.join(' ')) ?? WHOLE_NAMES.get(memberName(name));
  if (known !== undefined) return known;
  if (words.some((word, at) => at < words.length - 1 && QUESTIONS.has(word))) return undefined;
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const certainty = wordCertainty(words, at);
    if (certainty !== undefined && isWanted(certainty, words, at)) return certainty;
    if (FACTS.has(words[at] ?? '')) return undefined;
  }
  return undefined;
}

/** `tokens` may be an amount; a word after `key`, `email`, `pin` or `ticket` may change their meaning. */
function isWanted(certainty: Certainty, words: readonly string[], at: number): boolean {
  const behind = words.slice(at + 1);
  if (words[at] === 'tokens') return !AMOUNTS.has(words[at - 1] ?? '');
  if (words[at]?.endsWith('key')) return behind.every((word) => KEY_CARRIERS.has(word));
  if (words[at] === 'pin') return behind.every((word) => PIN_CARRIERS.has(word));
  return (certainty !== 'email' && certainty !== 'ticket') || behind.length === 0;
}

function wordCertainty(words: readonly string[], at: number): Certainty | undefined {
  const word = words[at] ?? '';
  const kind = words[at - 1] ?? '';
  if (word === 'code') return CODE_KINDS.has(kind) ? 'digits' : undefined;
  const certainty = WORDS.get(word) ?? runTogether(word);
  if (/tokens?$/.test(word) && isPaging(word, kind)) return undefined;
  if (certainty === 'pin') return PIN_KINDS.has(kind) ? 'digits' : 'pin';
  if (certainty !== 'key' || !/keys?$/.test(word)) return certainty;
  if (DATA_KEYS.has(kind)) return undefined;
  return KEY_KINDS.has(kind) || KEY_KINDS.has(word.slice(0, -3)) ? 'certain' : 'key';
}

/** `next_page_token`, `continuationToken`, `$skiptoken`. */
function isPaging(word: string, before: string): boolean {
  const joined = word.replace(/tokens?$/, '');
  return joined === '' ? PAGING.includes(before) : PAGING.some((end) => joined.endsWith(end));
}

/** Of a word that begins and ends as one in the table, the surer is taken. */
function runTogether(word: string): Certainty | undefined {
  if (word.length < 5 || ORDINARY.has(word)) return undefined;
  const start = STARTS.find(([one]) => word.startsWith(one))?.[1];
  const end = ENDS.find(([one]) => word.endsWith(one))?.[1];
  return end === 'certain' ? end : (start ?? end);
}

/** The words of the last part of a name that leads through objects: `user[pass]`, `login.pass`. */
function memberName(name: string): string {
  const [last = ''] = /[^.[\]]*(?=[.[\]]*$)/.exec(name.slice(-200)) ?? [];
  return last === name ? '' : wordsOf(last).join(' ');
}

/** The words of a name in lower case: at capitals, digits that follow letters, and everything else. */
export function wordsOf(name: string): string[] {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/([a-z])(\d+)$/, '$1')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'x');
}
