/** In what two recordings of the same thing differ, at one place. */
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
    | 'value';
  readonly method: string;
  /** The template of the path, behind its host where there are several: `/users/:userId`. */
  readonly path: string;
  /** What is called where one URL serves for all, such as an operation of GraphQL. */
  readonly operation?: string;
  /** `response 200 $.items[].id`, `request $.name`, `query page`, `status`; empty for the call itself. */
  readonly place: string;
  /** What the yardstick has; absent where it has nothing. */
  readonly old?: string;
  /** What is there now; absent where nothing is. */
  readonly new?: string;
};

/** A finding in one line: `GET /users/:userId  response 200 $.name: string, now number`. */
export function findingLine(finding: Finding): string {
  return `${endpointName(finding)}${finding.place === '' ? '' : ` ${finding.place}`}: ${findingWords(finding)}`;
}

/** `POST /graphql (listUsers)` */
export function endpointName({ method, path, operation }: Finding): string {
  return `${method} ${path}${operation === undefined ? '' : ` (${operation})`}`;
}

/** What was found, without the place. */
export function findingWords({ kind, old, new: now }: Finding): string {
  if (kind === 'call gone') return 'was called, and is not any more';
  if (kind === 'call new') return 'was not called before';
  if (now === undefined) return old === undefined ? 'is gone' : `${old}, now gone`;
  if (old === undefined) return kind === 'field new' ? `is new (${now})` : `is new: ${now}`;
  return `${old}, now ${now}`;
}

/** A finding whose texts move no cursor and turn no line around, whatever the recording holds: such characters are encoded. */
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
