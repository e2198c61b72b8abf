import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Access } from './access.ts';
import type { Api } from './api.ts';
import type { Asset } from './assets.ts';
import { respond, respondError, respondText, setSecurityHeaders } from './responses.ts';

export type RoutesOptions = {
  readonly access: Access;
  readonly api: Api;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Called with an unexpected error. */
  readonly onError: (error: unknown) => void;
};

const notBuilt = 'The page of pmproxy has not been built. Try: npm run build';
const notKnown = 'Open the address that pmproxy printed: it ends in /?token=…';

/** Handles every request except upgrades: the page, its files, and the API. */
export function createRoutes({ access, api, assets, onError }: RoutesOptions): RequestListener {
  const route = async (request: IncomingMessage, response: ServerResponse) => {
    setSecurityHeaders(response);
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (!access.isOurHost(request))
      respondText(response, 403, 'This client does not serve that host name.');
    else if (path.startsWith('/api/')) await api(request, response, path);
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      respondText(response, 405, `${request.method} is not for ${path}.`, { allow: 'GET, HEAD' });
    } else if (path === '/' && request.url !== '/' && access.hasToken(request))
      signIn(response, access, request);
    else if (!access.isAuthenticated(request)) respondText(response, 403, notKnown);
    else respondAsset(response, path, assets);
  };
  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      onError(error);
      if (!response.headersSent) respondError(response, 500, 'Internal error in pmproxy.');
    });
  };
}

// Sets the cookie and redirects to the address without the token.
function signIn(response: ServerResponse, { cookie }: Access, request: IncomingMessage): void {
  response.setHeader(
    'set-cookie',
    `${cookie.name}=${cookie.value}; Path=/; HttpOnly; SameSite=Strict`,
  );
  if (request.headers['sec-fetch-site'] !== 'cross-site') {
    response.writeHead(303, { location: '/' }).end();
    return;
  }
  // Browsers send no strict cookie along a redirect from another site, but do so from our own page.
  const page =
    '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>pmproxy</title>';
  respond(response, 200, 'text/html; charset=utf-8', page);
}

function respondAsset(
  response: ServerResponse,
  path: string,
  assets: ReadonlyMap<string, Asset>,
): void {
  const asset = assets.get(path);
  if (asset === undefined) {
    if (assets.has('/')) respondText(response, 404, `There is nothing at ${path}.`);
    else respondText(response, 503, notBuilt);
    return;
  }
  const lasting = { 'cache-control': 'private, max-age=31536000, immutable' };
  respond(response, 200, asset.mediaType, asset.bytes, asset.isLasting ? lasting : {});
}
