import { createHash, generateKeyPairSync } from 'node:crypto';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';

/** What secretlint's recommended rules find in a text, as `rule: value`; a variable in the place of a value is none. */
export async function secretsFoundIn(text: string, filePath: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath, ext: '.json', contentType: 'text' },
    options: {
      config: {
        rules: [
          {
            id: '@secretlint/secretlint-rule-preset-recommend',
            rule: creator,
            options: {},
            rules: [{ id: '@secretlint/secretlint-rule-aws', options: { enableIDScanRule: true } }],
          },
        ],
      },
    },
  });
  return messages
    .map(({ ruleId, range }) => ({ ruleId, value: text.slice(...range) }))
    .filter(({ value }) => !/\{\{\w+\}\}|\$\{\w+[^}]*\}|%7B%7B/.test(value))
    .map(({ ruleId, value }) => `${ruleId.replace(/^.*-rule-/, '')}: ${value}`);
}

/** Letters and digits that look drawn by lot, and are the same each time. */
function drawn(
  length: number,
  alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789',
) {
  const bytes = createHash('shake256', { outputLength: length }).update(`${length} ${alphabet}`);
  return [...bytes.digest()].map((byte) => alphabet[byte % alphabet.length]).join('');
}

const capitals = 'ABCDEFGHJKLMNPQRSTUVWXYZ234567';
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const hex = '0123456789abcdef';

function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(key.export({ type: 'pkcs8', format: 'pem' }));
}

function onePassword(): string {
  const account = {
    email: 'ada@a.test',
    muk: { k: drawn(43) },
    secretKey: drawn(60),
    id: drawn(30),
  };
  const encoded = Buffer.from(JSON.stringify({ ...account, more: { last: 1 } })).toString('base64');
  return `ops_${encoded}`;
}

/** A secret for each rule, by the rule that knows it. Nothing of a real form is written out in a file of ours. */
export const linted: Readonly<Record<string, readonly string[]>> = {
  aws: [
    ...['AKIA', 'ASIA', 'AROA', 'AIDA'].map((begin) => begin + drawn(16, capitals)),
    `aws_secret_access_key = ${drawn(40)}`,
  ],
  npm: [`npm_${drawn(36)}`],
  slack: [
    ...['xoxb', 'xoxp', 'xapp'].map((begin) => `${begin}-1-${drawn(11)}-${drawn(24)}`),
    `https://hooks.slack.com/services/T${drawn(9, capitals)}/B${drawn(9, capitals)}/${drawn(24)}`,
  ],
  basicauth: [`https://ada:${drawn(12)}@files.test/x`],
  openai: [`sk-${drawn(20)}T3BlbkFJ${drawn(20)}`],
  anthropic: [`sk-ant-api03-${drawn(93)}AA`],
  groq: [`gsk_${drawn(52)}`],
  huggingface: [`hf_${drawn(34, letters)}`],
  linear: [`lin_api_${drawn(40)}`],
  notion: [`ntn_${drawn(11, '123456789')}${drawn(35)}`],
  privatekey: [privateKey()],
  sendgrid: [`SG.${drawn(22)}.${drawn(43)}`],
  shopify: ['shpat', 'shpca', 'shppa', 'shpss'].map((begin) => `${begin}_${drawn(32, hex)}`),
  github: [
    ...['ghp', 'gho', 'ghs'].map((begin) => `${begin}_${drawn(36)}`),
    `github_pat_${drawn(82)}`,
  ],
  gitlab: [`glpat-${drawn(20)}`],
  grafana: [`glc_${drawn(60)}=`, `glsa_${drawn(32)}_${drawn(8, hex)}`],
  '1password': [onePassword()],
  'database-connection-string': [
    `mongodb+srv://ada:${drawn(14)}@db.test/shop`,
    `mysql://ada:${drawn(14)}@db.test:3306/shop`,
    `postgresql://ada:${drawn(14)}@db.test/shop?sslmode=require`,
  ],
  'hashicorp-vault': [`hvs.${drawn(95)}`, `hvb.${drawn(140)}`, `hvr.${drawn(95)}`],
  vercel: ['vcp', 'vci', 'vca', 'vcr', 'vck'].map((begin) => `${begin}_${drawn(24)}`),
  databricks: [`dapi${drawn(32, hex)}`],
  docker: [`dckr_pat_${drawn(27)}`],
  figma: [`figd_${drawn(40)}`],
};
