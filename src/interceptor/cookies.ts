import type { BrowserCookie, CookieRequest, InterceptorMessage } from '../sync/wire/interceptor.ts';

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
    return { id, answer: { cookies: cookies.map(plainCookie) } };
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
