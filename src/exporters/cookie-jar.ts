import { Cookie, CookieJar } from 'tough-cookie';
import { recordingOf } from '../document/exchanges.ts';
import { type Exchange, headerValues, responseOf } from '../exchange.ts';
import { type Exporter, isRecording, type Source } from './exporter.ts';

/**
 * The cookies that answers set, as a jar that newman and the Postman CLI start with (`--cookie-jar`). It holds their
 * values whatever becomes of secrets elsewhere: a jar is nothing but these, and it was asked for by name.
 */
export const cookieJar: Exporter = {
  id: 'cookie-jar',
  endings: [],
  about: 'the cookies that were set',
  reads: 'exchanges',
  render,
};

async function* render(source: Source): AsyncGenerator<string> {
  const recording = isRecording(source) ? source : recordingOf(source, undefined);
  const jar = new CookieJar(undefined, { looseMode: true, allowSpecialUseDomain: true });
  let latest = 0;
  for await (const exchange of recording.read()) {
    const at = exchange.startedAt + (exchange.timings.headMs ?? 0);
    latest = Math.max(latest, at);
    takeCookies(jar, exchange, new Date(at));
  }
  const { cookies = [], ...rest } = jar.serializeSync() ?? {};
  // What had run out when the recording ended is gone; today's clock does not count.
  const left = cookies.filter((cookie) => {
    const end = Cookie.fromJSON(cookie)?.expiryTime();
    // One without name and value is none (RFC 6265bis, 5.7).
    return (cookie.key || cookie.value) && (end === undefined || end > latest);
  });
  yield `${JSON.stringify({ ...rest, cookies: left }, null, 2)}\n`;
}

/** Cookies that the answer's host may not set are left out, as a client does (RFC 6265, 5.3). */
function takeCookies(jar: CookieJar, { request, outcome }: Exchange, now: Date): void {
  if (!URL.canParse(request.url)) return;
  for (const line of headerValues(responseOf(outcome)?.headers ?? [], 'set-cookie')) {
    jar.setCookieSync(line, request.url, { now, loose: true, ignoreError: true });
  }
}
