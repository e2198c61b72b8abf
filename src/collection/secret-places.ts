import { languageOf } from './content-type.ts';
import { isDocument } from './forms.ts';
import { type Flow, judgedSpan, namedSpans, type SecretNames, schemeName } from './named-values.ts';
import { decodedWithOffsets } from './percent-encoding.ts';
import { patternSpans } from './secret-patterns.ts';
import { RANKS, type Span, shifted } from './spans.ts';
import { stemsIn } from './stems.ts';
import { nameFrom } from './variables.ts';

const FORM = 'application/x-www-form-urlencoded';

/**
 * Finds the secrets of a text by names and by how they look.
 *
 * @param essence its media type in lower case, where one is known
 */
export function textSpans(text: string, essence: string | undefined, names: SecretNames): Span[] {
  if (essence === FORM && !isDocument(text)) return querySpans(text, '', names);
  const stems = stemsIn(text);
  if (stems.isEmpty && names.asked === undefined) return [];
  const language = languageOf(essence ?? '');
  const isProgram = language === 'javascript' || essence === 'text/css';
  const kind = {
    isScript: isProgram && !isDocument(text),
    isMarkup: language === 'xml' || language === 'html' || /^\s{0,16}</.test(text),
  };
  return [...namedSpans(text, stems, names, kind), ...patternSpans(text, stems)];
}

/** The secrets of a header line's value. */
export function headerSpans(name: string, value: string, names: SecretNames): Span[] {
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return credentialSpans(value);
    case 'cookie':
    case 'cookie2':
      return cookieSpans(value, value.length);
    case 'set-cookie':
    case 'set-cookie2': {
      const end = value.indexOf(';');
      return cookieSpans(value, end < 0 ? value.length : end);
    }
  }
  const judgement = names.judge(name);
  const named = judgement && judgedSpan(judgement, name, { start: 0, text: value }, 'header');
  if (named !== undefined) return [named];
  return /^(?:[a-z][a-z0-9+.-]*:\/)?\//i.test(value)
    ? urlSpans(value, names)
    : textSpans(value, undefined, names);
}

/** `Scheme credentials` (RFC 9110, 11.4): the scheme stays legible. */
function credentialSpans(value: string): Span[] {
  const match = /^([A-Za-z][A-Za-z0-9._~+-]*)(\s+)(?=\S)/.exec(value);
  const start = match?.[0].length ?? 0;
  const end = value.length;
  if (end === start) return [];
  if (match === null) return [{ start, end, wanted: 'authorization', rank: RANKS.scheme }];
  return [{ start, end, ...schemeName(match[1] ?? '') }];
}

/** The values of `name=value` pairs; a pair without a name is all value (RFC 6265bis, 5.6). */
function cookieSpans(line: string, end: number): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const pair of line.slice(0, end).split(';')) {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1);
    const start = at + equals + 1 + (value.length - value.trimStart().length);
    const text = value.trim();
    at += pair.length + 1;
    if (text === '') continue;
    const wanted = nameFrom(pair.slice(0, Math.max(equals, 0)));
    const decoded = decodedWithOffsets(text, false)?.text;
    spans.push({
      start,
      end: start + text.length,
      wanted: wanted === '' ? 'cookie' : `cookie_${wanted}`,
      rank: RANKS.cookie,
      ...(decoded === undefined ? {} : { decoded }),
    });
  }
  return spans;
}

/** The password of a URL's userinfo, or all of it where there is no colon. */
export function userinfoSpans(userinfo: string): Span[] {
  const colon = userinfo.indexOf(':');
  const start = colon + 1;
  const text = userinfo.slice(start);
  if (text === '') return [];
  const wanted = colon < 0 ? 'url_user' : 'url_password';
  const decoded = decodedWithOffsets(text, false)?.text;
  return [
    {
      start,
      end: userinfo.length,
      wanted,
      rank: RANKS.name,
      ...(decoded === undefined ? {} : { decoded }),
    },
  ];
}

const URL_PARTS =
  /^((?:[a-z][a-z0-9+.-]*:)?\/\/)?(?:([^/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

/** The secrets of a URL: in its userinfo, path, query and fragment; its host is none. */
export function urlSpans(url: string, names: SecretNames): Span[] {
  const match = URL_PARTS.exec(url);
  if (match === null) return textSpans(url, undefined, names);
  const [, scheme = '', userinfo, host = '', path = '', query, fragment] = match;
  const spans = userinfo === undefined ? [] : shifted(userinfoSpans(userinfo), scheme.length);
  const pathStart =
    scheme.length + (userinfo === undefined ? 0 : userinfo.length + 1) + host.length;
  // Not as arguments, whose number is limited.
  const add = (found: Span[], by: number) => {
    for (const span of shifted(found, by)) spans.push(span);
  };
  add(textSpans(path, undefined, names), pathStart);
  let at = pathStart + path.length + 1;
  if (query !== undefined) {
    add(querySpans(query, path, names), at);
    at += query.length + 1;
  }
  // The implicit grant hands out tokens behind the `#` (RFC 6749, 4.2.2).
  if (fragment?.includes('=')) add(querySpans(fragment, path, names), at);
  return spans;
}

/** The secrets of `a=b&c=d`, whose names and values are percent-encoded. */
export function querySpans(query: string, path: string, names: SecretNames): Span[] {
  const pairs: { start: number; name: string; value: string }[] = [];
  let at = 0;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0));
    const name = decodedWithOffsets(key, true)?.text ?? key;
    pairs.push({ start: at + equals + 1, name, value: pair.slice(equals + 1) });
    at += pair.length + 1;
  }
  const flow = flowOf(
    pairs.map(({ name }) => name),
    path,
  );
  return pairs.flatMap(({ start, name, value }) =>
    shifted(encodedSpans(name, value, flow, names), start),
  );
}

function encodedSpans(name: string, value: string, flow: Flow, names: SecretNames): Span[] {
  if (value === '') return [];
  const decoded = decodedWithOffsets(value, true);
  if (decoded === undefined) return fieldSpans(name, value, flow, names);
  const { text, offsets } = decoded;
  return fieldSpans(name, text, flow, names).map((span) => ({
    ...span,
    start: offsets[span.start] ?? 0,
    end: offsets[span.end] ?? value.length,
    decoded: span.decoded ?? text.slice(span.start, span.end),
  }));
}

/** The secrets of a form field's value, decoded; the value as a whole, or what stands in it. */
export function fieldSpans(name: string, value: string, flow: Flow, names: SecretNames): Span[] {
  const judgement = names.judge(name);
  const named = judgement && judgedSpan(judgement, name, { start: 0, text: value }, 'query', flow);
  return named === undefined ? textSpans(value, undefined, names) : [named];
}

const FLOW_PATH = /\/(?:authorize|oauth2?|callback|signin-oidc|cb)(?:\/|$)/i;

const FLOW_NAMES = new Set([
  'client_id',
  'redirect_uri',
  'grant_type',
  'response_type',
  'code_verifier',
  'session_state',
  'id_token',
]);

/** Whether fields of these names, sent to this path, are part of an OAuth exchange (RFC 6749, 4.1). */
export function flowOf(names: readonly string[], path = ''): Flow {
  if (names.some((name) => FLOW_NAMES.has(name))) return 'certain';
  const isPair = names.includes('code') && names.includes('state');
  const isPath = FLOW_PATH.test(path);
  if (isPair && isPath) return 'certain';
  return isPair || isPath ? 'likely' : undefined;
}
