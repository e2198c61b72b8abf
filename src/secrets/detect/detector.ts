import { languageOf } from '../../http/content-type.ts';
import { isDocument } from '../../http/forms.ts';
import { decodedWithOffsets } from '../../http/percent-encoding.ts';
import { RANKS, type Span, shifted } from '../spans.ts';
import { nameFrom } from '../variables.ts';
import { type Context, contextOf } from './context.ts';
import { encodedJsonSpans } from './encoded-json.ts';
import { judgedSpan, namedSpans, type SecretNames, schemeName } from './named-values.ts';
import { certaintyOf, wordsOf } from './names.ts';
import { patternSpans } from './patterns.ts';
import { candidatesIn } from './prefilter.ts';
import { isSecretValue, isWords } from './values.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The maximum nesting of JSON inside base64 inside JSON. */
const MOST_ENCODINGS = 2;

/**
 * Finds the secrets of a text by their names and formats.
 *
 * @param essence its media type in lower case, if known
 * @param depth how many levels of base64 enclosed it
 */
export function textSpans(
  text: string,
  essence: string | undefined,
  names: SecretNames,
  depth = 0,
): Span[] {
  if (essence === FORM && !isDocument(text)) return querySpans(text, '', names);
  const candidates = candidatesIn(text);
  const userinfo = userinfoInText(text);
  if (candidates.isEmpty && names.asked === undefined) return userinfo;
  const language = languageOf(essence ?? '');
  const isProgram = language === 'javascript' || essence === 'text/css';
  const kind = {
    isScript: isProgram && !isDocument(text),
    isMarkup: language === 'xml' || language === 'html' || /^\s{0,16}</.test(text),
  };
  const spans = [
    ...namedSpans(text, candidates, names, kind),
    ...patternSpans(text, candidates),
    ...userinfo,
  ];
  if (depth >= MOST_ENCODINGS) return spans;
  const hasSecret = (json: string) =>
    textSpans(json, 'application/json', names, depth + 1).length > 0;
  return [...spans, ...encodedJsonSpans(text, candidates.makes, hasSecret)];
}

/** The secrets of a header line's value. */
export function headerSpans(name: string, value: string, names: SecretNames): Span[] {
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return credentialSpans(value, names);
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
function credentialSpans(value: string, names: SecretNames): Span[] {
  const match = /^([A-Za-z][A-Za-z0-9._~+-]*)(\s+)(?=\S)/.exec(value);
  const start = match?.[0].length ?? 0;
  const end = value.length;
  if (end === start) return [];
  if (match === null) return [{ start, end, wanted: 'authorization', rank: RANKS.scheme }];
  const credentials = value.slice(start);
  const scheme = match[1] ?? '';
  const holds = /^basic$/i.test(scheme)
    ? passwordIn(credentials)
    : credentials.split(',').flatMap((parameter) => secretParameter(parameter, names));
  return [{ start, end, ...schemeName(scheme), ...(holds.length === 0 ? {} : { holds }) }];
}

/** The password follows the first colon (RFC 7617, 2). */
function passwordIn(credentials: string): string[] {
  const decoded = Buffer.from(credentials, 'base64').toString();
  const colon = decoded.indexOf(':');
  return colon < 0 ? [] : [decoded.slice(colon + 1)];
}

/** The value of an `auth-param` (RFC 9110, 11.2) that is secret by its name; `response` is Digest's (RFC 7616, 3.4). */
function secretParameter(parameter: string, names: SecretNames): string[] {
  const equals = parameter.indexOf('=');
  if (equals < 1) return [];
  const name = parameter.slice(0, equals).trim();
  const value = parameter.slice(equals + 1).trim();
  const isNamed = name === 'response' || names.judge(name) !== undefined;
  return isNamed ? [value.replace(/^"(.*)"$/s, '$1')] : [];
}

/** The values of `name=value` pairs; a pair without a name consists of a value only (RFC 6265bis, 5.6). */
function cookieSpans(line: string, end: number): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const pair of line.slice(0, end).split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0));
    const value = pair.slice(equals + 1);
    const start = at + equals + 1 + (value.length - value.trimStart().length);
    const text = value.trim();
    at += pair.length + 1;
    if (text === '' || isPreference(name, text)) continue;
    const wanted = nameFrom(name);
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

const PREFERENCES =
  /(?:theme|lang|language|locale|currency|country|region|timezone|tz|colou?r|scheme|mode|font|layout|view|sidebar|units?|sort|consent|contrast|density)$/;

/** The tag of a language or a country (RFC 5646, 2.1), or a currency. */
const TAG = /^[a-z]{2,3}(?:[-_][a-z]{2,4}){0,2}$/i;

/** Whether a cookie holds a display preference in plain words: `theme=dark`, `NEXT_LOCALE=en-US`. */
function isPreference(name: string, value: string): boolean {
  const isNamed = wordsOf(name).some((word) => PREFERENCES.test(word));
  return isNamed && certaintyOf(name) === undefined && (isWords(value) || TAG.test(value));
}

/** The password of a URL's userinfo, or the whole userinfo if it has no colon. */
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

const PASSWORD_IN_URL = /:\/\/([^\s/?#@:"'<>]{0,256}:)([^\s/?#@"'<>]{1,256})@(?=[\w[{])/g;

/** The passwords of URLs in a text. */
function userinfoInText(text: string): Span[] {
  if (!text.includes('@')) return [];
  return [...text.matchAll(PASSWORD_IN_URL)].flatMap(({ index, 1: user = '', 2: password = '' }) =>
    isSecretValue(password, 'password', 'password', 'text')
      ? shifted(userinfoSpans(user + password), index + '://'.length)
      : [],
  );
}

const URL_PARTS =
  /^((?:[a-z][a-z0-9+.-]*:)?\/\/)?(?:([^/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

/** The secrets of a URL: in its userinfo, path, query and fragment, not in its host. */
export function urlSpans(url: string, names: SecretNames): Span[] {
  const match = URL_PARTS.exec(url);
  if (match === null) return textSpans(url, undefined, names);
  const [, scheme = '', userinfo, host = '', path = '', query, fragment] = match;
  const spans = userinfo === undefined ? [] : shifted(userinfoSpans(userinfo), scheme.length);
  const pathStart =
    scheme.length + (userinfo === undefined ? 0 : userinfo.length + 1) + host.length;
  // Not passed as arguments, because their number is limited.
  const add = (found: Span[], by: number) => {
    for (const span of shifted(found, by)) spans.push(span);
  };
  // The host may show that the path is a secret.
  const from = Math.max(0, pathStart - host.length - 1);
  const inPath = textSpans(url.slice(from, pathStart + path.length), undefined, names);
  add(
    inPath.filter(({ start }) => start >= pathStart - from),
    from,
  );
  let at = pathStart + path.length + 1;
  if (query !== undefined) {
    add(querySpans(query, path, names), at);
    at += query.length + 1;
  }
  // The implicit grant returns tokens in the fragment (RFC 6749, 4.2.2).
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
  const context = contextOf(
    pairs.map(({ name }) => name),
    path,
  );
  return pairs.flatMap(({ start, name, value }) =>
    shifted(encodedSpans(name, value, context, names), start),
  );
}

function encodedSpans(name: string, value: string, context: Context, names: SecretNames): Span[] {
  if (value === '') return [];
  const decoded = decodedWithOffsets(value, true);
  if (decoded === undefined) return fieldSpans(name, value, context, names);
  const { text, offsets } = decoded;
  return fieldSpans(name, text, context, names).map((span) => ({
    ...span,
    start: offsets[span.start] ?? 0,
    end: offsets[span.end] ?? value.length,
    decoded: span.decoded ?? text.slice(span.start, span.end),
  }));
}

/** The secrets of a form field's decoded value: the whole value, or parts of it. */
export function fieldSpans(
  name: string,
  value: string,
  context: Context,
  names: SecretNames,
): Span[] {
  const judgement = names.judge(name);
  const named =
    judgement && judgedSpan(judgement, name, { start: 0, text: value }, 'query', context);
  return named === undefined ? textSpans(value, undefined, names) : [named];
}
