import type { BrowserCookie, CookieRequest, InterceptorMessage } from '../sync/wire/interceptor.ts';

/** The cookie that gives access to a client. Browsers send it to every port of this machine; no script needs it. */
const clientCookie = /^pmproxy-\d+$/;

/** Does what the page of the client asks, and answers with the cookies of the URL. */
export async function answerCookies(
  id: number,
  request: CookieRequest,
): Promise<InterceptorMessage> {
  try {
    const { url } = request;
    if (request.action === 'set') await chrome.cookies.set({ url, ...request.cookie });
    else if (request.action === 'remove') await chrome.cookies.remove({ url, name: request.name });
    const cookies = await chrome.cookies.getAll({ url });
    const others = cookies.filter(({ name }) => !clientCookie.test(name));
    return { id, answer: { cookies: others.map(plainCookie) } };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

function plainCookie(cookie: chrome.cookies.Cookie): BrowserCookie {
  const { name, value, domain, hostOnly, path, secure, httpOnly, sameSite } = cookie;
  const { expirationDate } = cookie;
  return {
    ...{ name, value, path, secure, httpOnly, sameSite },
    ...(!hostOnly && { domain }),
    ...(expirationDate !== undefined && { expirationDate }),
  };
}
