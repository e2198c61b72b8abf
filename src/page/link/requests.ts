import type { BrowserCookie, CookieAnswer, CookieRequest } from '../../sync/wire/interceptor.ts';
import type { HarEntry, RowSelection } from '../../sync/wire/page-events.ts';
import { wholeEntry } from '../detail/entry.ts';

/** Fetches the entry of a row. Throws an error whose message can be shown. */
export async function fetchEntry(n: number, signal: AbortSignal): Promise<HarEntry> {
  return wholeEntry(await (await asked(fetch(`api/exchanges/${n}`, { signal }))).json());
}

/** Fetches the chosen calls as a HAR file. */
export async function fetchHar(rows: RowSelection): Promise<Blob> {
  return (await asked(post('api/har', { rows }))).blob();
}

/** Fetches the chosen calls as a shell script. */
export async function fetchCurl(rows: RowSelection): Promise<string> {
  return (await asked(post('api/curl', { rows }))).text();
}

/** Reads or changes the cookies of the browser, and returns those of the URL. */
export async function askCookies(request: CookieRequest): Promise<readonly BrowserCookie[]> {
  const response = await asked(post('api/interceptor/cookies', request));
  return ((await response.json()) as CookieAnswer).cookies;
}

function post(path: string, body: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function asked(request: Promise<Response>): Promise<Response> {
  const response = await request.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Error('pmproxy does not answer. Is it still running?');
  });
  if (response.ok) return response;
  const said = (await response.json().catch(() => undefined)) as { error?: string } | undefined;
  throw new Error(said?.error ?? `pmproxy answered with ${response.status}.`);
}
