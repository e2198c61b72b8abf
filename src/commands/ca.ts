import { Argument } from 'commander';
import { describeError, UserError, usageError } from '../errors.ts';
import { homeFolder } from '../home.ts';
import { PUBLIC, writeNew } from '../new-files.ts';
import { openAuthority } from '../proxy/authority.ts';
import type { CommandModule } from './command.ts';

/** `pmproxy ca`: where the certificate authority is, what it says, and a copy of it. */
export const caCommand: CommandModule = {
  description:
    'Shows the certificate authority that pmproxy uses for HTTPS; creates it on first use.\n' +
    'Keep its key private: anyone who has it can read the traffic of everyone who trusts it.',
  operands: [
    new Argument('[action]', 'what to do').choices(['path', 'show', 'export']).default('path'),
    new Argument('[file]', 'where to export the certificate to (PEM), - for standard output'),
  ],
  options: {},
  wrapsCommand: false,
  async run({ operands: [action = 'path', file] }) {
    if (action === 'export' && file === undefined) {
      throw usageError('pmproxy ca export needs a file.', 'Try: pmproxy ca export pmproxy-ca.pem');
    }
    if (action !== 'export' && file !== undefined) {
      throw usageError(`pmproxy ca ${action} takes no file: ${file}`);
    }
    const authority = await openAuthority(homeFolder());
    if (action === 'path') process.stdout.write(`${authority.files.cert}\n`);
    if (action === 'show' || file === '-') process.stdout.write(authority.certPem);
    else if (file !== undefined) {
      await writeNew(file, authority.certPem, PUBLIC).catch((cause: unknown) => {
        throw new UserError(`Cannot write ${file}: ${describeError(cause)}`, { cause });
      });
    }
    return 0;
  },
};
