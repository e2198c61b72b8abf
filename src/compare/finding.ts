/** A difference between two recordings of the same thing, at one location. */
export type Finding = {
  readonly kind:
    | 'call gone'
    | 'call new'
    | 'status'
    | 'content type'
    | 'redirect'
    | 'parameter'
    | 'field gone'
    | 'field new'
    | 'type'
    | 'value'
    | 'subprotocol'
    | 'message gone'
    | 'message new';
  readonly method: string;
  /** The path template, after the host if there are several hosts: `/users/:userId`. */
  readonly path: string;
  /** The operation if one URL serves several, such as in GraphQL; `WebSocket` for a WebSocket. */
  readonly operation?: string;
  /**
   * `response 200 $.items[].id`, `request $.name`, `query page`, `status`, `message from server "tick" $.price`; empty
   * for the call itself.
   */
  readonly place: string;
  /** The value in the yardstick; absent if there is none. */
  readonly old?: string;
  /** The new value; absent if there is none. */
  readonly new?: string;
};

/** A finding without its endpoint. */
export type Said = Omit<Finding, 'method' | 'path' | 'operation'>;

/** A finding in one line: `GET /users/:userId  response 200 $.name: string, now number`. */
export function findingLine(finding: Finding): string {
  return `${endpointName(finding)}${finding.place === '' ? '' : ` ${finding.place}`}: ${findingWords(finding)}`;
}

/** A finding about a known call: `response 200 $.name: string, now number`. */
export function placeLine(finding: Finding): string {
  return finding.place === ''
    ? findingWords(finding)
    : `${finding.place}: ${findingWords(finding)}`;
}

/** `POST /graphql (listUsers)` */
export function endpointName({ method, path, operation }: Finding): string {
  return `${method} ${path}${operation === undefined ? '' : ` (${operation})`}`;
}

/** The finding without its location. */
export function findingWords({ kind, old, new: now }: Finding): string {
  if (kind === 'call gone') return 'is no longer called';
  if (kind === 'call new') return 'is new: it was not called before';
  if (kind === 'message gone') return 'is no longer sent';
  if (kind === 'message new') return 'is new: it was not sent before';
  if (now === undefined) return old === undefined ? 'is gone' : `${old}, now gone`;
  if (old === undefined) return kind === 'field new' ? `is new (${now})` : `is new: ${now}`;
  return `${old}, now ${now}`;
}

/** A finding that cannot move the cursor or reorder text, whatever the recording contains: such characters are encoded. */
export function printable(finding: Finding): Finding {
  const texts = Object.entries(finding).map(([key, text]) => [
    key,
    text.replace(INVISIBLE, encoded),
  ]);
  return Object.fromEntries(texts) as Finding;
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function encoded(character: string): string {
  return /\p{Cs}/u.test(character) ? '\ufffd' : encodeURIComponent(character);
}
