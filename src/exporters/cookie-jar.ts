import type { CookieJar } from 'tough-cookie';
import { type Exchange, headerValues, responseOf } from '../exchange.ts';
import { type Exporter, isRecording, type Source } from './exporter.ts';

/**
 * The cookies that responses set, as an initial jar for newman and the Postman CLI (`--cookie-jar`). It holds their values
 * even if secrets are redacted elsewhere: a jar has no other content, and it was requested by name.
 */
export const cookieJar: Exporter = {
  id: 'cookie-jar',
  endings: [],
  about: 'the cookies that were set',
  reads: 'exchanges',
  render,
};

async function* render(source: Source): AsyncGenerator<string> {
  const { Cookie, CookieJar } = await import('tough-cookie');
  const { recordingOf } = await import('../document/exchanges.ts');
  const recording = isRecording(source) ? source : recordingOf(source, undefined);
  const jar = new CookieJar(undefined, { looseMode: true, allowSpecialUseDomain: true });
  let latest = 0;
  for await (const exchange of recording.read()) {
    const at = exchange.startedAt + (exchange.timings.headMs ?? 0);
    latest = Math.max(latest, at);
    takeCookies(jar, exchange, new Date(at));
  }
  const { cookies = [], ...rest } = jar.serializeSync() ?? {};
  // Cookies that expired before the end of the recording are left out; the current time does not matter.
  const left = cookies.filter((cookie) => {
    const end = Cookie.fromJSON(cookie)?.expiryTime();
    // A cookie without name and value is ignored (RFC 6265bis, 5.7).
    return (cookie.key || cookie.value) && (end === undefined || end > latest);
  });
  yield `${JSON.stringify({ ...rest, cookies: left }, null, 2)}\n`;
}

/** Rejects cookies that the response's host may not set, as clients do (RFC 6265, 5.3). */
function takeCookies(jar: CookieJar, { request, outcome }: Exchange, now: Date): void {
  if (!URL.canParse(request.url)) return;
  for (const line of headerValues(responseOf(outcome)?.headers ?? [], 'set-cookie')) {
    jar.setCookieSync(line, request.url, { now, loose: true, ignoreError: true });
  }
}
