import { RANKS } from '../spans.ts';

/** Secrets recognizable by their format, whatever their name. */
export type TokenFormat = {
  /**
   * The literal beginning; the filter that finds beginnings in a text derives from this. A slash as the first character
   * may be percent-encoded.
   */
  readonly begins: readonly string[];
  /**
   * The text between the beginning and the secret: `#` is digits, `+` is capitals and digits, `*` is anything without a
   * slash; everything else is literal. `/` and `:` may be encoded. If given, it stays legible, like the beginning.
   */
  readonly keeps?: readonly string[];
  /** The secret, or the rest of it if `keeps` is not given. */
  readonly value: RegExp;
  /** The name for its variable. */
  readonly wanted: string;
  readonly rank: number;
  /** Checks whether a match is a secret. */
  readonly isOne?: (value: string) => boolean;
};

const { issuer: rank } = RANKS;
const mixed = (value: string) => /\d/.test(value) && /[a-z]/i.test(value);

// The lengths are lower than real ones, so that shortened secrets are found, too.
const TOKENS: readonly TokenFormat[] = [
  {
    // RFC 7519 and, with five parts, RFC 7516.
    begins: ['eyJ'],
    value: /[\w-]{6}[\w-]*\.[\w-]{2}[\w-]*(?:\.[\w-]*){1,3}/y,
    wanted: 'jwt',
    rank: RANKS.pattern,
  },
  { begins: ['PMAK-'], value: /[A-Za-z0-9-]{8}[A-Za-z0-9-]*/y, wanted: 'postman_api_key', rank },
  {
    begins: ['gho_', 'ghp_', 'ghu_', 'ghs_', 'ghr_'],
    value: /[A-Za-z0-9]{8}[A-Za-z0-9]*/y,
    wanted: 'github_token',
    rank,
  },
  { begins: ['github_pat_'], value: /\w{8}\w*/y, wanted: 'github_token', rank },
  { begins: ['glpat-'], value: /[\w-]{8}[\w-]*/y, wanted: 'gitlab_token', rank, isOne: mixed },
  {
    begins: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'],
    value: /\w{6}\w*/y,
    wanted: 'secret_key',
    rank,
  },
  { begins: ['whsec_'], value: /[\w+/=]{8}[\w+/=]*/y, wanted: 'webhook_secret', rank },
  { begins: ['sk-'], value: /[\w-]{12}[\w-]*/y, wanted: 'secret_key', rank, isOne: mixed },
  { begins: ['xox'], value: /[a-z]-[\w-]{8}[\w-]*/y, wanted: 'slack_token', rank, isOne: mixed },
  { begins: ['xapp-'], value: /[\w-]{8}[\w-]*/y, wanted: 'slack_token', rank, isOne: mixed },
  {
    begins: ['AKIA', 'ASIA'],
    value: /[0-9A-Z]{12}[0-9A-Z]*(?!\w)/y,
    wanted: 'aws_access_key',
    rank,
  },
  {
    // Ids of users, roles and the like, which have the form of an AWS access key.
    begins: ['A3T', 'AGPA', 'AIDA', 'AROA', 'AIPA', 'ANPA', 'ANVA'],
    value: /[0-9A-Z]{16,17}(?!\w)/y,
    wanted: 'aws_id',
    rank,
    isOne: mixed,
  },
  issued('npm', ['npm_'], /[A-Za-z0-9]{16}[A-Za-z0-9]*/y),
  issued('hugging_face', ['hf_'], /[A-Za-z0-9]{20}[A-Za-z0-9]*/y, [/[a-z]/, /[A-Z]/]),
  issued('groq', ['gsk_'], /[A-Za-z0-9]{16}[A-Za-z0-9]*/y),
  issued('linear', ['lin_api_'], /\w{12}\w*/y),
  issued('notion', ['ntn_'], /[A-Za-z0-9]{16}[A-Za-z0-9]*/y),
  issued('sendgrid', ['SG.'], /[\w-]{8}[\w-]*\.[\w-]{8}[\w-]*/y),
  issued('shopify', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], /[A-Za-z0-9]{12}[A-Za-z0-9]*/y),
  issued('grafana', ['glc_'], /[\w+/]{16}[\w+/]*={0,2}/y),
  issued('grafana', ['glsa_'], /[A-Za-z0-9]{12}\w*/y),
  issued('one_password', ['ops_ey'], /[\w+/]{16}[\w+/]*={0,2}/y),
  issued('vault', ['hvs.', 'hvb.', 'hvr.'], /[\w-]{16}[\w-]*/y),
  issued('vercel', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], /[A-Za-z0-9]{16}[A-Za-z0-9]*/y),
  issued('databricks', ['dapi'], /[A-Fa-f0-9]{32}(?:-\d)?(?!\w)/y),
  issued('docker', ['dckr_pat_'], /[\w-]{12}[\w-]*/y),
  issued('figma', ['figd_'], /[\w-]{16}[\w-]*/y),
  { begins: ['AIza'], value: /[\w-]{20}[\w-]*/y, wanted: 'google_api_key', rank },
  {
    // CAS Protocol 3.0, 3.1 to 3.7.
    begins: ['PGT-', 'PGTIOU-', 'TGT-', 'TGC-'],
    value: /\d{1,12}-[A-Za-z0-9]{12}[A-Za-z0-9]*[\w.-]*/y,
    wanted: 'cas_ticket',
    rank,
  },
];

/**
 * A token with a prefix of its issuer.
 *
 * @param holds patterns that the rest must all match
 */
function issued(
  issuer: string,
  begins: readonly string[],
  value: RegExp,
  holds: readonly RegExp[] = [/\d/, /[a-z]/i],
): TokenFormat {
  const isOne = (token: string) => {
    const drawn = token.replace(/^[A-Za-z0-9]+[_.-]/, '');
    return holds.every((part) => part.test(drawn));
  };
  return { begins, value, wanted: `${issuer}_token`, rank, isOne };
}

/** Webhook URLs whose path is the only credential. */
const WEBHOOKS: readonly TokenFormat[] = [
  webhook('slack', ['/services'], ['/T+/B+/'], /[A-Za-z0-9]{8}[A-Za-z0-9]*/y),
  webhook(
    'slack',
    ['/hooks.slack.com', '/hooks.slack-gov.com'],
    ['/services/*/*/', '/workflows/*/*/#/', '/triggers/*/#/'],
    /[A-Za-z0-9]+/y,
  ),
  webhook(
    'discord',
    ['/discord.com', '/discordapp.com'],
    ['/api/webhooks/#/', '/api/*/webhooks/#/'],
    /[\w-]{4}[\w-]*/y,
  ),
  { ...webhook('discord', ['/webhooks'], ['/#/'], /[\w-]{16}[\w-]*/y), isOne: mixed },
  {
    // Office 365 connectors and Teams: the segments that follow belong to the secret.
    ...webhook(
      'teams',
      ['/IncomingWebhook'],
      ['/'],
      /[A-Za-z0-9-]{8}[A-Za-z0-9-]*(?:(?:\\{0,7}\/|%(?:25){0,3}2F)[\w-]{8}[\w-]*)*/iy,
    ),
    isOne: mixed,
  },
  // https://core.telegram.org/bots/api#making-requests
  webhook('telegram', ['/bot'], ['#:'], /[\w-]{16}[\w-]*/y),
  webhook('zapier', ['/hooks.zapier.com'], ['/hooks/*/#/'], /\w{4}\w*/y),
  webhook('lark', ['/open-apis'], ['/bot/hook/', '/bot/*/hook/'], /[\w-]{8}[\w-]*/y),
  webhook('mattermost', ['/hooks'], ['/'], /[a-z0-9]{26}(?!\w)/y),
];

function webhook(
  issuer: string,
  begins: readonly string[],
  keeps: readonly string[],
  value: RegExp,
): TokenFormat {
  return { begins, keeps, value, wanted: `${issuer}_webhook`, rank };
}

export const TOKEN_FORMATS: readonly TokenFormat[] = [...TOKENS, ...WEBHOOKS];

/** Schemes whose credentials are found in any text (RFC 6750, 2.1; RFC 7617, 2). */
export const TEXT_SCHEMES: readonly string[] = ['bearer', 'basic'];

/** The text after the dashes in the first line of a PEM key (RFC 7468). */
export const PEM_LABEL = 'BEGIN ';

/** How `{"` and `[{"` begin in base64 (RFC 4648, 4 and 5). */
export const BASE64_JSON: readonly string[] = ['eyJ', 'W3si'];
