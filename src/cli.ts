import { Command, CommanderError } from 'commander';
import { type CommandModule, declareCommand, normaliseArguments } from './commands/command.ts';
import { UserError, usageError } from './errors.ts';
import { version } from './version.ts';

/** The commands, each loaded when it is asked for: help must not wait for the engine. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<CommandModule> }>> =
  {
    save: {
      summary: 'record traffic to files',
      load: async () => (await import('./commands/save.ts')).saveCommand,
    },
    filter: {
      summary: 'let browser clients send the headers that browsers forbid',
      load: async () => (await import('./commands/filter.ts')).filterCommand,
    },
    sync: {
      summary: 'push traffic to a running client, or show it in a page',
      load: async () => (await import('./commands/sync.ts')).syncCommand,
    },
    client: {
      summary: 'the running client: a page that shows what proxies push',
      load: async () => (await import('./commands/client.ts')).clientCommand,
    },
    interceptor: {
      summary: 'a browser extension that captures without a proxy: where it is, pair it',
      load: async () => (await import('./commands/interceptor.ts')).interceptorCommand,
    },
    convert: {
      summary: 'journals, HAR files and collections in, any format out',
      load: async () => (await import('./commands/convert.ts')).convertCommand,
    },
    mock: {
      summary: 'answer from recordings, without the servers',
      load: async () => (await import('./commands/mock.ts')).mockCommand,
    },
    diff: {
      summary: 'what changed between two recordings',
      load: async () => (await import('./commands/diff.ts')).diffCommand,
    },
    ca: {
      summary: 'the certificate authority: path, show or export it',
      load: async () => (await import('./commands/ca.ts')).caCommand,
    },
    env: {
      summary: "print the variables that send a shell's programs through a running proxy",
      load: async () => (await import('./commands/env.ts')).envCommand,
    },
  };

/**
 * Runs a command line.
 *
 * @param args without the interpreter and the script
 * @returns the exit code (PRODUCT, exit codes)
 */
export async function main(args: readonly string[]): Promise<number> {
  // Whoever reads us may go away (`| head -1`, a closed terminal). Writers that mind are told besides.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    return await run(args);
  } catch (error) {
    return report(error, args);
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { own, wrapped } = splitAtDashes(helpAsOption(args));
  const program = createProgram();
  if (own.length === 0) {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  let exitCode = 0;
  let given = own;
  const name = own.find((arg) => !arg.startsWith('-')) ?? '';
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command !== undefined) {
    const module = await commands[name]?.load();
    if (module) declareCommand(module, command);
    given = normaliseArguments(own, command);
    command.action(async () => {
      if (args.at(-1) === '--' && wrapped.length === 0) {
        throw usageError('-- has no command behind it.', `Try: pmproxy ${name} -- npm test`);
      }
      refuseExcess(command, wrapped, module?.wrapsCommand === true);
      const call = { given: command.opts(), operands: command.args, wrapped };
      exitCode = (await module?.run(call)) ?? 0;
    });
  }
  await program.parseAsync(given, { from: 'user' });
  return exitCode;
}

function refuseExcess(command: Command, wrapped: readonly string[], wraps: boolean): void {
  const name = command.name();
  if (wrapped.length > 0 && !wraps) {
    throw usageError(`pmproxy ${name} runs no command: ${wrapped[0]}`);
  }
  const { registeredArguments } = command;
  const excess = command.args.slice(registeredArguments.length);
  if (excess.length === 0 || registeredArguments.at(-1)?.variadic) return;
  throw usageError(
    `pmproxy ${name} does not know what to do with: ${excess[0]}`,
    wraps ? `A command to run goes after --: pmproxy ${name} -- ${excess.join(' ')}` : undefined,
  );
}

/** `help save` is what git and npm take for `save --help`. */
function helpAsOption(args: readonly string[]): readonly string[] {
  return args[0] === 'help' ? [...args.slice(1), '--help'] : args;
}

// The command after `--` is not ours to read: it may have options of any kind.
function splitAtDashes(args: readonly string[]) {
  const end = args.indexOf('--');
  if (end === -1) return { own: args, wrapped: [] };
  return { own: args.slice(0, end), wrapped: args.slice(end + 1) };
}

function createProgram(): Command {
  const program = new Command('pmproxy')
    .description(
      'Records the HTTP(S) and WebSocket traffic of any program into Postman collections.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  pmproxy save -o traffic.json -- npm test');
  configure(program);
  for (const [name, { summary }] of Object.entries(commands)) {
    configure(program.command(name).summary(summary)).allowExcessArguments(true);
  }
  return program;
}

// Errors are thrown, and said by report alone.
function configure(command: Command): Command {
  return (
    command
      .exitOverride()
      .allowExcessArguments(false)
      .helpOption('-h, --help', 'show this help')
      // The usual 40 columns for descriptions leave too little for names on a terminal of 80.
      .configureHelp({ minWidthToWrap: 30, optionDescription: ({ description }) => description })
      .configureOutput({ writeErr: () => {} })
  );
}

/** Says what went wrong and returns the exit code for it. */
function report(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // commander's messages may span lines: "error: unknown option '--prot'\n(Did you mean --port?)".
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    say(message, `See: ${seeHelp(args)}`);
    return 2;
  }
  if (error instanceof UserError) {
    say(error.message, error.hint);
    return error.exitCode;
  }
  process.stderr.write(
    `pmproxy: this is a bug in pmproxy; please report it with what follows.\n${(error as Error)?.stack ?? error}\n`,
  );
  return 70;
}

/** The command line that lists what would have been right. */
function seeHelp([name = '']: readonly string[]): string {
  return Object.hasOwn(commands, name) ? `pmproxy ${name} --help` : 'pmproxy --help';
}

// One line (PRODUCT, the promises): whoever collects lines gets the hint with what it is about.
function say(message: string, hint: string | undefined): void {
  const sentence = /[.!?)]$/.test(message) ? message : `${message}.`;
  process.stderr.write(`pmproxy: ${hint === undefined ? message : `${sentence} ${hint}`}\n`);
}
