import type { Certainty } from './words.ts';

/** The surroundings of a value that affect how it is judged. */
export type Context = {
  /** How certainly `state` and `code` belong to an OAuth exchange; absent without evidence. */
  readonly flow?: 'certain' | 'likely' | undefined;
  /** Whether an account name, to which a PIN belongs, is present. */
  readonly hasAccount?: boolean;
};

/** Parameters that an OAuth exchange has beside `code` and `state` (RFC 6749, 4.1; OpenID Connect Core, 3.1). */
const FLOW =
  /client_id|redirect_uri|grant_type|response_type|code_verifier|session_state|id_token/g;

const FLOW_PATH = /\/(?:authorize|oauth2?|callback|signin-oidc|cb)(?:\/|$)/i;

const ACCOUNT =
  /user|log-?in|sign-?in|account|email|phone|mobile|msisdn|card|passw|customer|member/gi;

/**
 * The context of the fields of one form or query.
 *
 * @param names of all its fields
 * @param path that it is sent to
 */
export function contextOf(names: readonly string[], path = ''): Context {
  const hasAccount = [path, ...names].some((text) => text.search(ACCOUNT) >= 0);
  if (names.some((name) => name.match(FLOW)?.[0] === name)) return { flow: 'certain', hasAccount };
  const isPair = names.includes('code') && names.includes('state');
  const isPath = FLOW_PATH.test(path);
  if (isPair && isPath) return { flow: 'certain', hasAccount };
  return { flow: isPair || isPath ? 'likely' : undefined, hasAccount };
}

/** The maximum distance between members of one object or query. */
const DISTANCE = 512;

/** The context of the names in a text; names must be queried in text order. */
export function contextIn(
  text: string,
): (certainty: Certainty | 'asked', at: number) => Context | undefined {
  const isFlow = nearby(text, FLOW, /[{}<>\n]/);
  // Members of an array of `{"name":…,"value":…}` belong to one form.
  const hasAccount = nearby(text, ACCOUNT, /\}(?!\s{0,16},\s{0,16}\{)|(?<!\}\s{0,16},\s{0,16})\{/);
  return (certainty, at) => {
    if (certainty === 'flow') return isFlow(at) ? { flow: 'certain' } : undefined;
    return certainty === 'pin' ? { hasAccount: hasAccount(at) } : undefined;
  };
}

/** Whether one of the marks is near a position, with no separator between them. */
function nearby(text: string, mark: RegExp, apart: RegExp): (at: number) => boolean {
  let marks: number[] | undefined;
  let next = 0;
  return (at) => {
    marks ??= [...text.matchAll(mark)].map(({ index }) => index);
    while (next < marks.length && (marks[next] ?? 0) < at - DISTANCE) next += 1;
    for (const place of marks.slice(next, next + 16)) {
      if (place > at + DISTANCE) return false;
      if (!apart.test(text.slice(Math.min(at, place), Math.max(at, place)))) return true;
    }
    return false;
  };
}
