/**
 * How sure a name makes it that its value is a secret, which decides what the value must look like:
 *
 * - `certain`: passwords, tokens, credentials; any value but a placeholder
 * - `likely`: sessions, signatures and what is merely called "auth"; values that no person made up as a word
 * - `key`: nothing but "key", which is also what maps, caches and databases call their names; random values only
 * - `email`: what has an at sign in it
 * - `flow`: `state` and `code`, secret in an OAuth exchange (RFC 6749, 4.1) and judged as `key` elsewhere
 */
export type Certainty = 'certain' | 'likely' | 'key' | 'email' | 'flow';

/** Names whose value is public whatever the words in them say. */
const PUBLIC_NAMES = new Set([
  'idempotencykey',
  'proxyauthenticate',
  'secwebsocketaccept',
  'secwebsocketkey',
  'surrogatekey',
  'wwwauthenticate',
]);

/** Names that are secret as a whole, beyond what their words say. */
const WHOLE_NAMES: ReadonlyMap<string, Certainty> = new Map([
  ['assertion', 'certain'],
  ['client assertion', 'certain'],
  ['client id', 'certain'],
  ['code challenge', 'certain'],
  ['code verifier', 'certain'],
  ['cookie', 'certain'],
  ['cookie 2', 'certain'],
  ['set cookie', 'certain'],
  ['pass', 'certain'],
  ['code', 'flow'],
  ['state', 'flow'],
]);

/** Words that make a name a secret's, wherever they stand in it, unless a word of `FACTS` follows. */
const WORDS: ReadonlyMap<string, Certainty> = new Map([
  ['token', 'certain'],
  ['tokens', 'certain'],
  ['secret', 'certain'],
  ['secrets', 'certain'],
  ['password', 'certain'],
  ['passwords', 'certain'],
  ['passwd', 'certain'],
  ['pwd', 'certain'],
  ['passphrase', 'certain'],
  ['passcode', 'certain'],
  ['jwt', 'certain'],
  ['bearer', 'certain'],
  ['saml', 'certain'],
  ['csrf', 'certain'],
  ['xsrf', 'certain'],
  ['credential', 'certain'],
  ['credentials', 'certain'],
  ['authorization', 'certain'],
  ['apikey', 'certain'],
  ['auth', 'likely'],
  ['oauth', 'likely'],
  ['session', 'likely'],
  ['sessions', 'likely'],
  ['sid', 'likely'],
  ['sso', 'likely'],
  ['signature', 'likely'],
  ['key', 'key'],
  ['keys', 'key'],
  ['email', 'email'],
]);

/** What is told about a secret without telling it: `token_type`, `password_hint`, `sessionCount`. */
const FACTS = new Set(
  `age agent algorithm alg at attempts class count country created date description domain duration enabled end
  endpoint error event exists expire expires expiration expiry field format header hint in index issuer kind label
  language lastused length level lifetime limit link location max message method min mode name needed number on owner
  page param parameter path policy position prefix provider required reset role rule rules scheme scope scopes screen
  set size source start status strength subject suffix text time timeout timestamp title ttl type types uri url usage
  used user username valid validity version`.split(/\s+/),
);

/** What makes a question of a name (`hasPassword`, `access-control-allow-credentials`) or an amount (`max_tokens`). */
const QUESTIONS = new Set(
  'allow allows enable has is needs require requires show supports use uses'.split(' '),
);
const AMOUNTS = new Set(
  'cached completion input max min num output prompt reasoning total used'.split(' '),
);

/** Words behind which a key is still a key: `api_key_value`. */
const KEY_CARRIERS = new Set('base64 data new old string value'.split(' '));

/** What makes a key the key to something; without one of these it must look random. */
const KEY_KINDS = new Set(
  'access account api app application auth client consumer crypto developer encryption function license master private rsa secret service session shared sign signing ssh storage subscription token'.split(
    ' ',
  ),
);

/** Keys of data, which anybody may know. */
const DATA_KEYS = new Set(
  'cache column composite dedupe foreign group hash hot i18n index issue localization map message object parent partition primary project public publishable range registry row shortcut sort translation'.split(
    ' ',
  ),
);

/** Run together in lower case these are found anywhere in a word: `accesstoken`, `csrfmiddlewaretoken`, `PHPSESSID`. */
const RUN_TOGETHER =
  /(password|passwd|apikey|secret|csrf|xsrf|token|credential|session|signature|jwt|pwd|sessid|sessionid|bearer|saml|auth|sid|key)$|^(jwt|csrf|xsrf|saml|bearer|password|passwd|sessionid|accesstoken|oauth)/;

/** Words that end like a secret's name and are none: `monkey`, `inside`, `reside`. */
const ORDINARY = new Set(
  'aside beside donkey hockey hotkey inside jockey keyboard latchkey monkey passkey outside oversized reside turkey whiskey'.split(
    ' ',
  ),
);

/**
 * Tells whether values that go under a name are secret.
 *
 * @param name of a header, a query or form field, a JSON key, an element; in any spelling (`api_key`, `apiKey`, `X-API-Key`)
 * @returns undefined for a name that says nothing of the kind
 */
export function certaintyOf(name: string): Certainty | undefined {
  const words = wordsOf(name);
  const whole = words.join(' ');
  if (PUBLIC_NAMES.has(words.join(''))) return undefined;
  const known = WHOLE_NAMES.get(whole);
  if (known !== undefined) return known;
  if (words.some((word, at) => at < words.length - 1 && QUESTIONS.has(word))) return undefined;
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const certainty = wordCertainty(words, at);
    if (certainty !== undefined && isWanted(certainty, words, at)) return certainty;
    if (FACTS.has(words[at] ?? '')) return undefined;
  }
  return undefined;
}

/** `tokens` may be an amount; what follows `key` and `email` makes another thing of them. */
function isWanted(certainty: Certainty, words: readonly string[], at: number): boolean {
  if (words[at] === 'tokens') return !AMOUNTS.has(words[at - 1] ?? '');
  if (words[at]?.endsWith('key'))
    return words.slice(at + 1).every((word) => KEY_CARRIERS.has(word));
  return certainty !== 'email' || at === words.length - 1;
}

function wordCertainty(words: readonly string[], at: number): Certainty | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  const certainty = WORDS.get(word) ?? runTogether(word);
  if (certainty !== 'key') return certainty;
  const kind = words[at - 1] ?? '';
  if (DATA_KEYS.has(kind)) return undefined;
  return KEY_KINDS.has(kind) ? 'certain' : 'key';
}

function runTogether(word: string): Certainty | undefined {
  if (word.length < 5 || ORDINARY.has(word)) return undefined;
  const match = RUN_TOGETHER.exec(word);
  if (match === null) return undefined;
  const part = match[1] ?? match[2] ?? '';
  if (part === 'key') return KEY_KINDS.has(word.slice(0, -3)) ? 'certain' : 'key';
  return WORDS.get(part) ?? (part === 'sessid' || part === 'sessionid' ? 'likely' : 'certain');
}

/** The words of a name in lower case: at capitals, digits that follow letters, and everything else. */
function wordsOf(name: string): string[] {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/([a-z])(\d+)$/, '$1')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'x');
}
