import { expect, test } from 'vitest';
import { certaintyOf } from '../../src/secrets/detect/names.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  certain: [
    'authorization proxy-authorization cookie set-cookie x-api-key api-key x-auth-token x-csrf-token',
    'x-xsrf-token x-amz-security-token x-goog-api-key X-Amz-Credential',
    'token accessToken access_token refresh_token id_token authenticity_token csrfmiddlewaretoken',
    'accesstoken ACCESS_TOKEN __RequestVerificationToken secret client_secret clientSecret jwt jwt_token',
    'code_verifier code_challenge client_id assertion SAMLRequest SAMLResponse api_key apikey',
    'private_key secretKey encryption-key credentials Ocp-Apim-Subscription-Key token2',
    'x-token-for-billing myTokenHere token_hash oauthToken oauthtoken client-id CLIENT_ID a[client_id]',
  ],
  password: [
    'password new_password passwordConfirmation user[password] passwd pwd userPwd PASSWORD pass user[pass]',
    'password_confirmation passcode login.pass',
  ],
  likely: [
    'session sessionId session_id PHPSESSID JSESSIONID connect.sid sid auth sso signature X-Signature',
    'sig hmac X-Hmac-SHA256 X-Sig requestHmac url_sig',
  ],
  digits: ['otp totp otp_code smsOtp cvv user_pin verification_code mfaCode'],
  pin: ['pin PIN my-pin pinNumber'],
  ticket: ['ticket serviceTicket jsapi_ticket'],
  key: ['key X-Custom-Key'],
  email: ['email userEmail'],
  flow: ['state code'],
  none: [
    'author authors authority authorId keyboard monkey hotkey tokens_used max_tokens token_type',
    'token_count tokenizer tokenExpiresAt password_hint session_start session_duration sort_key primaryKey',
    'public_key key_id keyId email_verified www-authenticate proxy-authenticate sec-websocket-key Sec-WebSocket-Key',
    'pageToken nextPageToken next_page_token page_token page-token PAGE_TOKEN pagetoken nextpagetoken',
    'continuation_token continuationToken NextContinuationToken cursor nextCursor sync_token nextSyncToken',
    'nextToken prev_token $skiptoken $deltatoken pagination_token scrollToken pageTokens page[token]',
    'ticket_id ticketNumber tickets pinned shopping pin_code pincode otp_required totpEnabled sigAlg significant',
    'idempotency-key inside side consider residence statement status_code state_id zipcode name id',
    'access-control-allow-credentials secretary keyword keywords auth_method session_count',
    'completion_tokens hasPassword requires_auth csrf_header_name api_key_name constructor __proto__ toString',
  ],
};

const cases = Object.entries(names).flatMap(([certainty, lines]) =>
  lines.flatMap((line) => line.split(' ').map((name) => [name, certainty] as const)),
);

test.each(cases)('%s: %s', (name, certainty) => {
  expect(certaintyOf(name) ?? 'none').toBe(certainty);
});
