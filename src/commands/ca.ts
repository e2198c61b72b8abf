import { createInterface } from 'node:readline/promises';
import { Argument } from 'commander';
import { describeError, UserError, usageError } from '../errors.ts';
import { homeFolder } from '../home.ts';
import { PUBLIC, writeNew } from '../new-files.ts';
import { flag, optional, readOptions } from '../options/option.ts';
import { choice, oneOf } from '../options/values.ts';
import { type Authority, openAuthority, replaceAuthority } from '../proxy/authority.ts';
import {
  type CertificateForm,
  certificateAs,
  certificateForms,
  fingerprintsOf,
  p12Password,
} from '../proxy/authority-forms.ts';
import type { CommandModule } from './command.ts';

const options = {
  format: optional(
    '--format <format>',
    `with export: ${choice(certificateForms)} (password: ${p12Password})`,
    oneOf(certificateForms),
    { shownDefault: 'by ending, otherwise pem' },
  ),
  fingerprint: flag(
    '--fingerprint',
    'with path or show: print the SHA-256 fingerprints of the certificate and of its public key (SPKI)',
  ),
  yes: flag('-y, --yes', 'with rotate: do not ask'),
} as const;

/** `pmproxy ca`: where the certificate authority is, what it says, copies of it, and a new one. */
export const caCommand: CommandModule = {
  description:
    'Shows the certificate authority that pmproxy uses for HTTPS; creates it on first use.\n' +
    'Keep its key private: anyone who has it can read the traffic of everyone who trusts it.',
  examples: [
    'pmproxy ca export pmproxy.mobileconfig   for iOS and macOS',
    'pmproxy ca export pmproxy.cer            for Windows and Android',
    'pmproxy ca --fingerprint',
    'pmproxy ca rotate                        replace it, for all clients',
  ],
  operands: [
    new Argument('[action]', 'what to do')
      .choices(['path', 'show', 'export', 'rotate'])
      .default('path'),
    new Argument('[file]', 'where to export the certificate to, - for standard output'),
  ],
  options: { Options: options },
  wrapsCommand: false,
  async run({ given, operands: [action = 'path', file] }) {
    const { format, fingerprint, yes } = readOptions(options, given);
    if (action === 'export' && file === undefined) {
      throw usageError('pmproxy ca export needs a file.', 'Try: pmproxy ca export pmproxy-ca.pem');
    }
    if (action !== 'export' && file !== undefined) {
      throw usageError(`pmproxy ca ${action} takes no file: ${file}`);
    }
    if (action !== 'export' && format !== undefined)
      throw usageError(`pmproxy ca ${action} takes no --format; export does.`);
    const home = homeFolder();
    if (action === 'rotate') return rotate(home, yes);
    const authority = await openAuthority(home);
    if (file !== undefined) await exportTo(file, format ?? formOf(file), authority);
    else if (fingerprint) process.stdout.write(fingerprints(authority));
    else if (action === 'path') process.stdout.write(`${authority.files.cert}\n`);
    else process.stdout.write(authority.certPem);
    return 0;
  },
};

function fingerprints({ certPem }: Authority): string {
  const { certificate, spki } = fingerprintsOf(certPem);
  return `certificate SHA-256  ${certificate}\nSPKI SHA-256         ${spki}\n`;
}

function formOf(file: string): CertificateForm {
  if (/\.(?:der|cer|crt)$/i.test(file)) return 'der';
  if (/\.(?:p12|pfx)$/i.test(file)) return 'p12';
  return /\.mobileconfig$/i.test(file) ? 'mobileconfig' : 'pem';
}

async function exportTo(file: string, form: CertificateForm, { certPem }: Authority) {
  const content = await certificateAs(form, certPem);
  if (file === '-') {
    process.stdout.write(content);
    return;
  }
  await writeNew(file, content, PUBLIC).catch((cause: unknown) => {
    throw new UserError(`Cannot write ${file}: ${describeError(cause)}`, { cause });
  });
}

async function rotate(home: string, isConfirmed: boolean): Promise<number> {
  const question =
    'Replace the certificate authority? Clients must then trust the new one, and no longer the old one.';
  if (!isConfirmed && !process.stdin.isTTY)
    throw usageError(question, 'To confirm: pmproxy ca rotate --yes');
  if (!isConfirmed && !(await isAgreed(question))) {
    process.stderr.write('Nothing was changed.\n');
    return 1;
  }
  // An expired or incomplete authority is replaced as well, so the old one is not opened.
  const authority = await replaceAuthority(home);
  process.stderr.write('Remove the old certificate from where it is trusted. The new one:\n');
  process.stdout.write(`${authority.files.cert}\n`);
  return 0;
}

async function isAgreed(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl+C and the end of the input close the prompt and leave the question open.
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([prompt.question(`${question} [y/N] `), closed]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
